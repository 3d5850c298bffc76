//! One file for each command: its arguments, its help, what it does.

pub(crate) mod demo;
pub(crate) mod proxy;
pub(crate) mod serve;
pub(crate) mod wrap;

pub(crate) mod approvals;
pub(crate) mod grant;
pub(crate) mod mfa;

pub(crate) mod audit;
pub(crate) mod config;
pub(crate) mod explain;
pub(crate) mod inspect;
pub(crate) mod key;
pub(crate) mod policy;
