//! Who may ask: each request passes these before it reaches a route.

pub(crate) mod cors;
pub(crate) mod host;
pub(crate) mod key;
pub(crate) mod requests;
