//! Which system this is, and the keys by which a scenario file speaks of systems.
//!
//! A [`System`] is what a program was written for; an [`Implementation`] is another body that
//! answers for it (gVisor for Linux, Wine for Windows). The folder of a record is the most
//! specific name: what Wine did is never filed under `windows`.
//!
//! Pure: who finds out on which platform we are is `sys::identify`.

use std::fmt;

/// The systems whose socket interface a program may be written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum System {
    /// Linux, or what answers its system calls.
    Linux,
    /// macOS.
    Macos,
    /// Windows, or what answers Winsock's calls.
    Windows,
}

/// A second body behind a system's interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Implementation {
    /// Google's user-space kernel, of Linux.
    Gvisor,
    /// Wine, of Windows.
    Wine,
}

/// Every platform name a scenario file may use as a key, the most general first.
pub const NAMES: [&str; 7] = ["default", "unix", "linux", "macos", "windows", "gvisor", "wine"];

/// The platforms that can have records, in the order in which they stand beside each other.
pub const ALL: [&str; 5] = ["linux", "gvisor", "wine", "windows", "macos"];

impl System {
    /// The key in scenario files and the folder under `snapshots/`.
    pub fn name(self) -> &'static str {
        match self {
            System::Linux => "linux",
            System::Macos => "macos",
            System::Windows => "windows",
        }
    }

    /// Whether the plain `unix` key speaks of this system.
    pub fn is_unix(self) -> bool {
        match self {
            System::Linux | System::Macos => true,
            System::Windows => false,
        }
    }
}

impl Implementation {
    /// The key in scenario files and the folder under `snapshots/`.
    pub fn name(self) -> &'static str {
        match self {
            Implementation::Gvisor => "gvisor",
            Implementation::Wine => "wine",
        }
    }
}

/// A dotted version, compared number by number: `6.9` is below `6.12`, and `6` equals `6.0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(Vec<u32>);

impl Version {
    /// Reads the leading dotted numbers of `text`: `6.18.44-generic` gives 6.18.44.
    /// `None` where it does not begin with a number.
    pub fn parse(text: &str) -> Option<Version> {
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let numbers: Option<Vec<u32>> =
            text[..end].trim_end_matches('.').split('.').map(|part| part.parse().ok()).collect();
        numbers.map(Version)
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        let longest = self.0.len().max(other.0.len());
        let at = |version: &Version, i: usize| version.0.get(i).copied().unwrap_or(0);
        Some((0..longest).map(|i| at(self, i)).cmp((0..longest).map(|i| at(other, i))))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.0.iter().map(u32::to_string).collect();
        f.write_str(&parts.join("."))
    }
}

/// The machine a run happens on.
#[derive(Clone, Debug, PartialEq)]
pub struct Platform {
    /// Whose interface answers.
    pub system: System,
    /// Which body answers, where it is not the system itself.
    pub implementation: Option<Implementation>,
    /// The kernel's or the implementation's version, as compared by keys such as `linux>=6.12`.
    pub version: Version,
    /// The same as the system prints it, for headers and reports.
    pub release: String,
}

impl Platform {
    /// The most specific name: the folder of the records.
    pub fn name(&self) -> &'static str {
        self.implementation.map_or(self.system.name(), Implementation::name)
    }

    /// The platform of that name, one of [`ALL`], in the version that `release` begins with.
    pub fn named(name: &str, release: &str) -> Option<Platform> {
        let systems = [System::Linux, System::Macos, System::Windows];
        let implementations = [Implementation::Gvisor, Implementation::Wine];
        let implementation = implementations.into_iter().find(|one| one.name() == name);
        let system = match implementation {
            Some(Implementation::Gvisor) => System::Linux,
            Some(Implementation::Wine) => System::Windows,
            None => systems.into_iter().find(|system| system.name() == name)?,
        };
        let version = Version::parse(release).unwrap_or(Version(Vec::new()));
        Some(Platform { system, implementation, version, release: release.to_owned() })
    }

    /// The platform of that name, newer than any version that a key can name: of whom only
    /// documents speak, the newest is meant.
    pub fn newest(name: &str) -> Option<Platform> {
        let platform = Platform::named(name, "")?;
        Some(Platform { version: Version(vec![u32::MAX]), ..platform })
    }

    /// How closely `name` speaks of this platform: implementation, system, `unix`, `default`.
    /// `None` where it speaks of another.
    pub fn specificity(&self, name: &str) -> Option<u8> {
        if self.implementation.is_some_and(|one| one.name() == name) {
            Some(3)
        } else if self.system.name() == name {
            Some(2)
        } else if name == "unix" && self.system.is_unix() {
            Some(1)
        } else if name == "default" {
            Some(0)
        } else {
            None
        }
    }
}

/// How a version in a key compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Below,
    AtMost,
    Equal,
    AtLeast,
    Above,
}

/// The comparisons as written, the longer first: `<=` begins with `<`.
const COMPARISONS: [(&str, Comparison); 5] = [
    ("<=", Comparison::AtMost),
    (">=", Comparison::AtLeast),
    ("<", Comparison::Below),
    (">", Comparison::Above),
    ("=", Comparison::Equal),
];

impl Comparison {
    fn holds(self, version: &Version, than: &Version) -> bool {
        match self {
            Comparison::Below => version < than,
            Comparison::AtMost => version <= than,
            Comparison::Equal => version.partial_cmp(than).is_some_and(std::cmp::Ordering::is_eq),
            Comparison::AtLeast => version >= than,
            Comparison::Above => version > than,
        }
    }
}

/// A platform as a scenario file names it: `linux`, `linux>=6.12`, `wine<9`.
#[derive(Clone, Debug, PartialEq)]
pub struct PlatformKey {
    /// One of [`NAMES`].
    pub name: &'static str,
    versions: Vec<(Comparison, Version)>,
    text: String,
}

impl PlatformKey {
    /// Reads a key. The error says what is wrong with it.
    pub fn parse(text: &str) -> Result<PlatformKey, String> {
        let end = text.find(['<', '>', '=']).unwrap_or(text.len());
        let (name, conditions) = text.split_at(end);
        let name = NAMES.into_iter().find(|known| *known == name.trim());
        let name = name.ok_or_else(|| format!("unknown platform `{}`", text[..end].trim()))?;
        let versions: Option<Vec<_>> = if conditions.is_empty() {
            Some(Vec::new())
        } else {
            conditions.split(',').map(|one| parse_condition(one.trim())).collect()
        };
        let versions = versions.ok_or_else(|| {
            format!("`{conditions}` is no version: write `linux>=6.12` or `linux>=5.4,<6`")
        })?;
        if !versions.is_empty() && matches!(name, "default" | "unix") {
            return Err(format!("`{name}` has no version: name the system"));
        }
        Ok(PlatformKey { name, versions, text: text.to_owned() })
    }

    /// How closely the key speaks of `platform`; `None` where it does not. A key with a version is
    /// closer than one without.
    pub fn specificity(&self, platform: &Platform) -> Option<(u8, usize)> {
        let by_name = platform.specificity(self.name)?;
        let holds = self.versions.iter().all(|(how, than)| how.holds(&platform.version, than));
        holds.then_some((by_name, self.versions.len()))
    }
}

impl PlatformKey {
    /// Whether some version is spoken of as closely by both: then nothing but their order in the
    /// file would choose.
    pub fn competes_with(&self, other: &PlatformKey) -> bool {
        let as_close = self.name == other.name && self.versions.len() == other.versions.len();
        let all = || self.versions.iter().chain(&other.versions);
        // Ranges overlap just where no lower end of one is above an upper end of another.
        let fits = |(lower, at_least): &(Comparison, Version)| {
            all().all(|(upper, at_most)| lower.meets(at_least, *upper, at_most))
        };
        as_close && all().all(fits)
    }
}

impl Comparison {
    /// Whether some version satisfies both, as far as the lower end of the one and the upper end
    /// of the other are concerned.
    fn meets(self, at_least: &Version, other: Comparison, at_most: &Version) -> bool {
        let (lower, below) = match self {
            Comparison::AtLeast | Comparison::Equal => (true, false),
            Comparison::Above => (true, true),
            Comparison::Below | Comparison::AtMost => (false, false),
        };
        let (upper, above) = match other {
            Comparison::AtMost | Comparison::Equal => (true, false),
            Comparison::Below => (true, true),
            Comparison::AtLeast | Comparison::Above => (false, false),
        };
        !lower || !upper || if below || above { at_least < at_most } else { at_least <= at_most }
    }
}

fn parse_condition(text: &str) -> Option<(Comparison, Version)> {
    let (sign, how) = COMPARISONS.into_iter().find(|(sign, _)| text.starts_with(sign))?;
    let version = text[sign.len()..].trim();
    let numeric = !version.is_empty() && version.chars().all(|c| c.is_ascii_digit() || c == '.');
    numeric.then(|| Version::parse(version)).flatten().map(|version| (how, version))
}

impl fmt::Display for PlatformKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The key among `keys` that speaks most closely of `platform`.
pub fn most_specific<'k, T>(keys: &'k [(PlatformKey, T)], platform: &Platform) -> Option<&'k T> {
    let matching =
        keys.iter().filter_map(|(key, it)| key.specificity(platform).map(|how| (how, it)));
    matching.max_by_key(|(how, _)| *how).map(|(_, it)| it)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn linux(release: &str) -> Platform {
        let version = Version::parse(release).expect("a version");
        Platform {
            system: System::Linux,
            implementation: None,
            version,
            release: release.to_owned(),
        }
    }

    fn chosen(keys: &[&str], platform: &Platform) -> Option<String> {
        let keys: Vec<(PlatformKey, String)> = keys
            .iter()
            .map(|key| (PlatformKey::parse(key).expect("a key"), (*key).to_owned()))
            .collect();
        most_specific(&keys, platform).cloned()
    }

    #[test]
    fn the_most_specific_key_wins() {
        let here = linux("6.18.44-generic");
        assert_eq!(chosen(&["default", "unix", "linux"], &here).as_deref(), Some("linux"));
        assert_eq!(chosen(&["linux", "linux>=6.12"], &here).as_deref(), Some("linux>=6.12"));
        assert_eq!(chosen(&["linux>=6.19", "unix"], &here).as_deref(), Some("unix"));
        assert_eq!(chosen(&["windows", "gvisor"], &here), None);
        let gvisor = Platform { implementation: Some(Implementation::Gvisor), ..here };
        assert_eq!(chosen(&["gvisor", "linux>=6.12"], &gvisor).as_deref(), Some("gvisor"));
    }

    #[test]
    fn keys_compete_where_only_their_order_would_choose() {
        let competes = |one: &str, other: &str| {
            let key = |text: &str| PlatformKey::parse(text).expect("a key");
            let (one, other) = (key(one), key(other));
            assert_eq!(one.competes_with(&other), other.competes_with(&one));
            one.competes_with(&other)
        };
        assert!(competes("linux>=5", "linux>=4"));
        assert!(competes("linux<6", "linux>=5"));
        assert!(competes("linux>=5,<6", "linux>=5.9,<7"));
        assert!(!competes("linux<6", "linux>=6"));
        assert!(!competes("linux>=5,<6", "linux>=6,<7"));
        assert!(!competes("linux>=5", "linux"), "a version is closer than none");
        assert!(!competes("wine<9", "linux<9"));
    }

    #[test]
    fn versions_compare_by_number() {
        let version = |text: &str| Version::parse(text).expect("a version");
        assert!(version("6.9") < version("6.12"));
        assert!(version("6") >= version("6.0.0"));
        assert_eq!(Version::parse("x"), None);
    }

    #[test]
    fn a_bad_key_says_why() {
        assert!(PlatformKey::parse("linx").is_err_and(|why| why.contains("unknown platform")));
        assert!(PlatformKey::parse("linux>=six").is_err_and(|why| why.contains("no version")));
        assert!(PlatformKey::parse("unix>=6").is_err_and(|why| why.contains("name the system")));
    }
}
