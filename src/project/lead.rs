use crate::domain::{Template, Version, parse_version, strip_v};

use super::BaseChart;

/// Which of `version` and `appVersion` the other one has to follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lead {
    /// The one that leads.
    pub leader: Leader,
    /// Whether that is beyond doubt; else a person has to say.
    pub certain: bool,
    /// Why, in a few words.
    pub because: &'static str,
}

/// A version field of Chart.yaml.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leader {
    /// `version` leads: `appVersion` becomes what the template makes of it.
    Version,
    /// `appVersion` leads: `version` becomes this one, which the template made it from.
    AppVersion(Version),
}

impl Lead {
    /// Says which one leads where they disagree. `expected` is the template's text for `version`.
    pub(super) fn of(
        version: &str,
        app_version: Option<&str>,
        template: &Template,
        base: Option<&BaseChart>,
    ) -> Self {
        let version_leads = |certain, because| Self { leader: Leader::Version, certain, because };
        let Some(base) = base else { return version_leads(true, "version leads") };
        let Some(app_version) = app_version else { return version_leads(true, "there is no other") };
        let named = template.version_in(app_version);
        // A `v` that came or went, by hand or by a fix, makes no other version.
        let version_changed = base.version.as_deref().map(strip_v) != Some(strip_v(version));
        let app_changed = base.app_version.as_deref() != Some(app_version);
        if strip_v(app_version) == strip_v(version) {
            return version_leads(true, "only the form differs");
        }
        match (version_changed, app_changed, named) {
            (true, false, _) => version_leads(true, "version is what changed"),
            (false, true, Some(named)) => {
                // Versions go up; who sets one back has to say so.
                let back =
                    parse_version(version).is_some_and(|version| named.cmp_precedence(&version).is_lt());
                let because = if back { "appVersion went back" } else { "appVersion is what changed" };
                Self { leader: Leader::AppVersion(named), certain: !back, because }
            }
            (false, true, None) => version_leads(false, "appVersion changed to something that is no version"),
            (true, true, _) => version_leads(false, "both changed, apart"),
            (false, false, named) => {
                let both = named.zip(parse_version(version));
                let higher = both.is_some_and(|(app, version)| version.cmp_precedence(&app).is_gt());
                version_leads(higher, if higher { "version is the higher one" } else { "neither changed" })
            }
        }
    }
}
