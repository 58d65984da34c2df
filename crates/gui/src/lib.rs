//! VideoCatalog in a window: every drive on the left, pages in the middle, everything known of one file on the right.
//!
//! Pages say what the user wants as a [`command::Command`]; one place carries it out. All answers come from a
//! [`backend::Backend`] on other threads, by a [`latest::Latest`] where only the newest question matters and by a [`job::Job`]
//! where work takes a while: the thread that draws never waits.

pub mod app;
pub mod backend;
pub mod command;
pub mod dialog;
pub mod job;
pub mod latest;
pub mod news;
mod pages;
mod palette;
mod pick;
pub mod shell;
pub mod theme;
mod widgets;
