//! What a layer wants to happen: the only way in which it reaches beyond itself.

use std::time::Duration;

use super::forms::Values;
use super::layers::{Context, Layer};
use super::theme::ThemeName;
use super::worker::Job;

/// How long a plain toast stays.
pub const TOAST_STAYS: Duration = Duration::from_secs(4);

/// Something for the loop to do, in the order given.
pub enum Effect<C: Context> {
    /// Puts a layer on top. When it closes, its answer comes back to the sender under this tag.
    Push(&'static str, Box<dyn Layer<C>>),
    /// Takes all layers away and starts anew with this screen.
    Replace(Box<dyn Layer<C>>),
    /// Closes the layer that sends this, with all above it, and gives its owner the answer.
    Close(Answer),
    /// Shows a message.
    Toast(Toast),
    /// Starts slow work; its end comes back to the sender, or to the shell if that is gone.
    Run(Job<C::Done>),
    /// Asks all jobs of this tag to stop.
    Cancel(&'static str),
    /// Runs a command as if its key had been pressed.
    Command(String),
    /// Changes the theme.
    Theme(ThemeName),
    /// Blanks the screen, or brings it back.
    Blank(bool),
    /// Leaves the program.
    Quit,
}

/// What an overlay answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Left without an answer.
    Cancelled,
    /// Yes, or the right code was typed.
    Yes,
    /// The code of what was picked.
    Picked(String),
    /// A form was saved: its values (never a passphrase).
    Saved(Values),
    /// A form was left: what had been typed.
    Draft(Values),
}

/// A message to the person, one or two sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    /// What happened, and what to do now.
    pub text: String,
    /// Something was refused: stays until a key is pressed.
    pub refused: bool,
    pub(super) until: Option<Duration>,
    pub(super) seen: bool,
}

impl Toast {
    /// Good news: goes after [`TOAST_STAYS`] or with the next key.
    pub fn info(text: impl Into<String>) -> Self {
        Self { text: text.into(), refused: false, until: None, seen: false }
    }

    /// Something was not done: stays until a key is pressed.
    pub fn refused(text: impl Into<String>) -> Self {
        Self { refused: true, ..Self::info(text) }
    }
}

impl<C: Context> Effect<C> {
    /// A toast that goes by itself.
    pub fn info(text: impl Into<String>) -> Self {
        Self::Toast(Toast::info(text))
    }

    /// A toast that stays until it is read.
    pub fn refused(text: impl Into<String>) -> Self {
        Self::Toast(Toast::refused(text))
    }

    /// A layer on top whose answer comes back under `tag`.
    pub fn push(tag: &'static str, layer: impl Layer<C> + 'static) -> Self {
        Self::Push(tag, Box::new(layer))
    }

    /// A new first screen.
    pub fn replace(layer: impl Layer<C> + 'static) -> Self {
        Self::Replace(Box::new(layer))
    }
}
