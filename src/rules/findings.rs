use super::RuleMeta;
use crate::config::Level;
use crate::document::Broken;
use crate::domain::text::visible;
use crate::finding::{Finding, Fix, Location, Related, Severity, Subject};

/// Where a rule puts what it finds.
pub struct Findings<'a> {
    found: &'a mut Vec<Finding>,
    rule: &'static RuleMeta,
    level: Option<Level>,
    /// Of thousands of refs and some thirty rules most find nothing.
    subject: &'a Subject,
}

/// What a rule says, before it is known how much that weighs here.
#[derive(Debug)]
pub struct Draft {
    message: String,
    help: Option<String>,
    location: Option<Location>,
    related: Vec<Related>,
    fix: Option<Fix>,
    weight: Weight,
    subject: Option<Subject>,
}

#[derive(Debug, Clone, Copy)]
enum Weight {
    /// The rule's own.
    Default,
    /// A warning, whatever the config makes of the rule.
    AtMostWarning,
    /// An error, unless the config says otherwise.
    Error,
}

impl<'a> Findings<'a> {
    /// The place for the findings of one rule in one state. `level` is the config's word on the rule.
    pub fn new(
        found: &'a mut Vec<Finding>,
        rule: &'static RuleMeta,
        level: Option<Level>,
        subject: &'a Subject,
    ) -> Self {
        Self { found, rule, level, subject }
    }

    /// Puts one down.
    pub fn add(&mut self, draft: Draft) {
        let configured = match (self.level, draft.weight) {
            (Some(Level::Off), _) => return,
            (Some(Level::Warning), _) => Severity::Warning,
            (Some(Level::Error), _) | (None, Weight::Error) => Severity::Error,
            (None, _) => self.rule.severity.unwrap_or(Severity::Error),
        };
        let severity =
            if matches!(draft.weight, Weight::AtMostWarning) { Severity::Warning } else { configured };
        self.found.push(Finding {
            rule: self.rule.id,
            severity,
            message: visible(&draft.message).into_owned(),
            help: draft.help.map(|help| visible(&help).into_owned()),
            subject: draft.subject.unwrap_or_else(|| self.subject.clone()),
            location: draft.location,
            related: draft.related,
            fix: draft.fix,
            excepted: None,
        });
    }
}

impl Draft {
    /// Something is wrong: what, with the values, in one line.
    #[inline(never)]
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: None,
            location: None,
            related: Vec::new(),
            fix: None,
            weight: Weight::Default,
            subject: None,
        }
    }

    /// A file can't be used. `advice` is for trouble that names no way out itself.
    pub fn unreadable(broken: &Broken, advice: &str) -> Self {
        Self::new(format!("{} can't be read: {}", broken.location.path(), broken.cause))
            .at(broken.location.clone())
            .help(broken.help.as_deref().unwrap_or(advice))
    }

    /// The place, where there is one.
    #[must_use]
    pub fn at(mut self, location: impl Into<Option<Location>>) -> Self {
        self.location = location.into();
        self
    }

    /// What to do, in one line.
    #[must_use]
    #[inline(never)]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Another place that has a part in it, where there is one.
    #[must_use]
    #[inline(never)]
    pub fn related(mut self, message: impl Into<String>, location: Option<Location>) -> Self {
        self.related.extend(location.map(|location| Related { message: message.into(), location }));
        self
    }

    /// How to mend it, where that can be known.
    #[must_use]
    pub fn fix(mut self, fix: Option<Fix>) -> Self {
        self.fix = fix;
        self
    }

    /// Makes it weigh as a warning at most.
    #[must_use]
    pub fn warning_if(mut self, condition: bool) -> Self {
        if condition {
            self.weight = Weight::AtMostWarning;
        }
        self
    }

    /// Makes it weigh as an error, unless the config says otherwise.
    #[must_use]
    pub fn error_if(mut self, condition: bool) -> Self {
        if condition {
            self.weight = Weight::Error;
        }
        self
    }

    /// Makes it a finding about something else than the state judged.
    #[must_use]
    pub fn about(mut self, subject: Subject) -> Self {
        self.subject = Some(subject);
        self
    }
}
