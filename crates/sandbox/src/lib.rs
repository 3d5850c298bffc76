//! Runs a child server confined: namespaces, Landlock, seccomp, limits. The only crate in which unsafe code will be
//! permitted, and it uses none of the others.
//!
//! Nothing is here yet: `gatehold wrap` starts its child with a cleared environment and a process group of its own, and
//! with no further confinement. README.md says so too.
