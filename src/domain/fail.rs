use std::fmt;

/// Why relguard could not do its work: what failed, where, why, and the way out. Ends in exit status 2.
#[derive(Debug)]
pub struct Fail {
    message: String,
    help: Option<String>,
    said: Option<String>,
}

impl Fail {
    /// A failure without advice.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None, said: None }
    }

    /// Adds the way out, in one line.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds what another program said of it, in lines.
    #[must_use]
    pub fn said(mut self, said: impl Into<String>) -> Self {
        self.said = Some(said.into());
        self
    }

    /// What another program said of it, in lines.
    pub fn quote(&self) -> Option<&str> {
        self.said.as_deref()
    }

    /// The way out.
    pub fn way_out(&self) -> Option<&str> {
        self.help.as_deref()
    }
}

impl fmt::Display for Fail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fail {}
