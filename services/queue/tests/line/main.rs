//! The line on a real Redis, with as many copies of the service as a test wants.

mod house;
mod places;
mod races;
