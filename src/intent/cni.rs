//! States of aws-node and of add-ons that others ask for: which CNI, and which version.

use super::Overlay;

/// The version of an add-on: what is wanted, and which one that is where it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Version {
    /// EKS's own choice for the Kubernetes version, kept until that changes. Unknown: it was not looked up yet.
    Default(Option<String>),
    /// The newest one at every deployment. Unknown: it was not looked up yet.
    Latest(Option<String>),
    /// As the author wrote it.
    Exact(String),
}

impl Default for Version {
    fn default() -> Self {
        Self::Default(None)
    }
}

impl Version {
    /// As it is written.
    pub fn of(written: Option<&str>) -> Self {
        match written {
            None | Some("default") => Self::Default(None),
            Some("latest") => Self::Latest(None),
            Some(exact) => Self::Exact(exact.to_string()),
        }
    }

    /// Which one it is; `None`: EKS chooses.
    pub fn known(&self) -> Option<&str> {
        match self {
            Self::Default(version) | Self::Latest(version) => version.as_deref(),
            Self::Exact(version) => Some(version),
        }
    }

    /// Whether it has to be looked up: the newest one may be another each time.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Default(None) | Self::Latest(_))
    }

    /// The same wish with the version that it came to.
    pub fn came_to(self, found: Option<String>) -> Self {
        match self {
            Self::Default(was) => Self::Default(found.or(was)),
            Self::Latest(was) => Self::Latest(found.or(was)),
            exact => exact,
        }
    }
}

/// Which CNI gives pods their addresses, and through what it is set up.
#[derive(Clone, Debug, Default)]
pub enum Cni {
    /// aws-node as EKS's add-on.
    #[default]
    Addon,
    /// aws-node without the add-on: its settings go through the Kubernetes API.
    SelfManaged,
    /// aws-node that another tool sets up: its settings are printed for it.
    External,
    /// Another CNI in the place of aws-node.
    Other(Overlay),
    /// All nodes are EKS Auto Mode's, which have a CNI of their own.
    AutoMode,
}
