//! The screens: what people see and press. They read through the desk and change through ops alone.

pub mod case;
pub mod cases;
