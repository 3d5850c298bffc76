//! Who runs this process, as the kernel says it: never what a variable of the environment claims.

use std::fs;

/// The most bytes of the user database that are read.
const PASSWD_BYTES_MAX: usize = 4 * 1024 * 1024;
/// What the kernel says when nobody has logged in.
const NO_LOGIN: u32 = u32::MAX;

/// A user of this host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The name, or `uid:<number>` where it has none.
    pub name: String,
    /// The number.
    pub uid: u32,
}

impl User {
    /// Who runs this process: whoever logged in, also where `sudo` or `su` has changed the user since (the kernel keeps
    /// that, proc(5), `loginuid`), else the process's own user.
    #[must_use]
    pub fn current() -> Self {
        let login = fs::read_to_string("/proc/self/loginuid").ok();
        Self::of(login.as_deref().and_then(login_uid).unwrap_or_else(|| rustix::process::getuid().as_raw()))
    }

    /// The user of this number.
    #[must_use]
    pub fn of(uid: u32) -> Self {
        Self { name: passwd_name(uid).unwrap_or_else(|| format!("uid:{uid}")), uid }
    }
}

/// What the kernel's file says, if somebody has logged in.
fn login_uid(text: &str) -> Option<u32> {
    text.trim().parse().ok().filter(|uid| *uid != NO_LOGIN)
}

/// The name of a user of this host, where `/etc/passwd` has one.
#[must_use]
pub fn passwd_name(uid: u32) -> Option<String> {
    let text = fs::read_to_string("/etc/passwd").ok().filter(|text| text.len() <= PASSWD_BYTES_MAX)?;
    name_in(&text, uid)
}

/// passwd(5): name, password, number, …, between colons.
fn name_in(passwd: &str, uid: u32) -> Option<String> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| !name.is_empty())?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_have_the_names_of_the_database() {
        let passwd = "root:x:0:0::/root:/bin/sh\n:x:5:5::/:\n# comment\nada:x:1000:1000:Ada:/home/ada:/bin/sh\n";
        assert_eq!(name_in(passwd, 1000).as_deref(), Some("ada"));
        assert_eq!(name_in(passwd, 0).as_deref(), Some("root"));
        assert_eq!(name_in(passwd, 5), None);
        assert_eq!(User::of(4_000_000_000).name, "uid:4000000000");
    }

    #[test]
    fn a_login_is_a_number_and_not_the_sign_for_none() {
        assert_eq!(login_uid("1000\n"), Some(1000));
        assert_eq!(login_uid("4294967295"), None);
        assert_eq!(login_uid(""), None);
    }
}
