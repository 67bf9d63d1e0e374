//! The vault from outside: damage, power cuts, kills, other people.

mod damage;
mod folder;
mod kill;
mod power;
