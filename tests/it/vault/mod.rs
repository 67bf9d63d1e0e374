//! The vault from outside: damage, power cuts, kills, other people.

mod damage;
mod folder;
mod kill;
mod others;
mod power;
mod suite;
