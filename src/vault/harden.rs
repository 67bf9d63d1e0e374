//! Keeps the process's memory out of files, as far as the platform lets a program do so without `unsafe`.
//!
//! - Unix: no core dump is written, because its size limit is zero, for this process and whatever it starts.
//! - Linux and Android: the process is not dumpable, so that no other process of the same user can attach to it or
//!   read its memory, and core handlers that ignore the limit get nothing.
//! - Windows: nothing. Error reporting and page-file settings can be changed only through calls that need `unsafe`,
//!   or by the administrator.
//!
//! Nowhere is memory locked: swap and hibernation can hold keys while a vault is open. Full-disk encryption is the
//! answer to both, and SECURITY.md says so.

/// What took hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Hardening {
    /// No core dumps are written.
    pub no_core_dumps: bool,
    /// Other processes of the same user can't read this one's memory.
    pub not_dumpable: bool,
}

/// Call first of all, before anything secret is in memory. Never fails: what did not take hold is false.
pub fn harden() -> Hardening {
    Hardening { no_core_dumps: no_core_dumps(), not_dumpable: not_dumpable() }
}

#[cfg(unix)]
fn no_core_dumps() -> bool {
    use rustix::process::{Resource, Rlimit, setrlimit};
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }).is_ok()
}

#[cfg(not(unix))]
const fn no_core_dumps() -> bool {
    false
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn not_dumpable() -> bool {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    set_dumpable_behavior(DumpableBehavior::NotDumpable).is_ok()
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
const fn not_dumpable() -> bool {
    false
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn no_dump_of_this_process_can_be_made() {
        assert_eq!(harden(), Hardening { no_core_dumps: true, not_dumpable: true });
        let limit = rustix::process::getrlimit(rustix::process::Resource::Core);
        assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
        assert_eq!(harden(), Hardening { no_core_dumps: true, not_dumpable: true }, "again is fine");
    }
}
