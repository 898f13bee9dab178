//! The line on a real Redis, with as many copies of the service as a test wants.

#[cfg(test)]
mod check;
#[cfg(test)]
mod counts;
#[cfg(test)]
mod forgetting;
#[cfg(test)]
mod histories;
#[cfg(test)]
mod house;
#[cfg(test)]
mod loss;
#[cfg(test)]
mod night;
#[cfg(test)]
mod places;
#[cfg(test)]
mod races;
