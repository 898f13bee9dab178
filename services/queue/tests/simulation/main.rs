//! A night of a big house, by the clock of a simulation: how well the slots are used, and how true
//! the promised waits are, when nobody tells the room how many of the called will come.
//!
//! The decisions are the service's own ([`onsale_queue::domain::plan`] and the views' estimates);
//! the room around them does what the scripts do, which the tests of the line hold on a real Redis.

#[cfg(test)]
mod night;
#[cfg(test)]
mod room;
