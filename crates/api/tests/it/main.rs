//! The API over real sockets, with a real client and with malformed bytes.

mod changes;
mod contract;
mod input;
mod lab;
mod limits;
mod recorded;
mod routes;
mod security;
mod stop;
