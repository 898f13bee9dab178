//! Reports on runs that were made by both versions of the generator.

#![cfg(test)]

mod baseline;
mod capacity;
mod committed;
mod documents;
mod folder;
mod languages;
mod marking;
mod overload;
mod page;
mod whole;
