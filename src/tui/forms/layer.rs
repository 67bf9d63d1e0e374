//! A form as a layer over the screen.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use zeroize::Zeroizing;

use super::{Form, FormEvent, Values};
use crate::tui::effect::{Answer, Effect};
use crate::tui::input::Typed;
use crate::tui::layers::{Context, Effects, Handled, Kind, Layer};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::panel::{centred, panel};
use crate::tui::widgets::text::{put, width as cells};

/// The widest and highest that a form becomes: longer lines are hard to read.
const WIDTH: u16 = 120;
const HEIGHT: u16 = 40;
/// Up to this width a form takes all there is; above, the screen is seen beside it.
const NARROW: u16 = 92;

/// Passphrases by field name; wiped when dropped.
pub type Secrets = BTreeMap<Cow<'static, str>, Zeroizing<String>>;

/// Why saving was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The field to blame; empty if it is none in particular.
    pub field: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl Wrong {
    /// A refusal that belongs to no single field.
    pub fn whole(message: impl Into<String>) -> Self {
        Self { field: String::new(), message: message.into() }
    }

    /// A refusal because of one field.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

type Save<C> = Box<dyn FnMut(&Values, &mut Secrets, &mut C) -> Result<Effects<C>, Wrong>>;
type Keep<C> = Box<dyn FnMut(&Values, &mut C)>;
type Beside<C> = Box<dyn Fn(&Values, &C) -> String>;
type Aside<C> = (&'static str, Box<dyn FnMut(&mut C) -> Effects<C>>);
type Watch<C> = Box<dyn FnMut(&str, &str, &Values, &mut C) -> Option<Effects<C>>>;

/// A form over the screen. Saving runs `save`: if that refuses, the form stays, with the reason beside its field; else
/// it closes with [`Answer::Saved`]. Esc closes with [`Answer::Draft`]; a lock keeps the draft through
/// [`FormLayer::keep`].
///
/// ```
/// # use mahoe::tui::{forms::{Field, Form, FormLayer, Wrong}, layers::Context, effect::Effect};
/// # struct Cx { said: Vec<String> }
/// # impl Context for Cx { type Done = (); }
/// let layer = FormLayer::new(Form::new("Note", vec![Field::prose("text", "Note").required()]), |values, _, cx: &mut Cx| {
///     if values.get("text").contains("Kingston") {
///         return Err(Wrong::field("text", "Write \"the town\" instead."));
///     }
///     cx.said.push(values.get("text").to_owned());
///     Ok(vec![Effect::info("Saved.")])
/// });
/// let push = Effect::push("note", layer);
/// ```
pub struct FormLayer<C: Context> {
    form: Form,
    save: Save<C>,
    keep: Option<Keep<C>>,
    /// Told of each field that is left, with what was entered; may end the form.
    watch: Option<Watch<C>>,
    /// What is told beside what was typed.
    beside: Option<Beside<C>>,
    /// What a command does that is the form's, and changes nothing in it.
    aside: Option<Aside<C>>,
    /// Whether private fields are to be hidden now.
    veil: Option<fn(&C) -> bool>,
    /// The most lines that it has taken so far.
    height: u16,
    /// The values that were last kept as a draft, or that it began with.
    kept: Values,
}

impl<C: Context> FormLayer<C> {
    /// A form and what saves it.
    pub fn new(
        form: Form,
        save: impl FnMut(&Values, &mut Secrets, &mut C) -> Result<Effects<C>, Wrong> + 'static,
    ) -> Self {
        let kept = form.values();
        Self {
            form,
            save: Box::new(save),
            keep: None,
            watch: None,
            beside: None,
            aside: None,
            veil: None,
            height: 0,
            kept,
        }
    }

    /// What keeps the draft when the form is left or taken away unsaved, and every few seconds while it is typed. An emptied form counts too: its draft
    /// can be forgotten.
    #[must_use]
    pub fn keep(self, keep: impl FnMut(&Values, &mut C) + 'static) -> Self {
        Self { keep: Some(Box::new(keep)), ..self }
    }

    /// What is told of each field as it is left, by name and with what was entered, and of `!` in a field of choices. If it
    /// gives effects the form closes, its draft kept, and they are done.
    #[must_use]
    pub fn watch(self, watch: impl FnMut(&str, &str, &Values, &mut C) -> Option<Effects<C>> + 'static) -> Self {
        Self { watch: Some(Box::new(watch)), ..self }
    }

    /// What is told beside what was typed, with every frame: something that is known already, above what saving will do.
    #[must_use]
    pub fn beside(self, beside: impl Fn(&Values, &C) -> String + 'static) -> Self {
        Self { beside: Some(Box::new(beside)), ..self }
    }

    /// What a command does beside the form, which stays as it is.
    #[must_use]
    pub fn aside(self, command: &'static str, does: impl FnMut(&mut C) -> Effects<C> + 'static) -> Self {
        Self { aside: Some((command, Box::new(does))), ..self }
    }

    /// Tells of a field; what is to be done instead of going on.
    fn tell(&mut self, field: &str, entered: &str, cx: &mut C) -> Option<Effects<C>> {
        let values = self.form.values();
        let effects = self.watch.as_mut().and_then(|watch| watch(field, entered, &values, cx))?;
        self.keep_draft(cx);
        let mut all = vec![Effect::Close(Answer::Draft(values))];
        all.extend(effects);
        Some(all)
    }

    /// When private fields are hidden.
    #[must_use]
    pub fn veil(self, veil: fn(&C) -> bool) -> Self {
        Self { veil: Some(veil), ..self }
    }

    fn save(&mut self, cx: &mut C) -> Handled<C> {
        let values = self.form.values();
        let mut secrets = self.form.take_secrets();
        match (self.save)(&values, &mut secrets, cx) {
            Ok(mut effects) => {
                effects.insert(0, Effect::Close(Answer::Saved(values)));
                Handled::Done(effects)
            }
            Err(wrong) => {
                self.form.refuse(&wrong.field, wrong.message);
                Handled::done()
            }
        }
    }

    fn keep_draft(&mut self, cx: &mut C) {
        let values = self.form.values();
        if let Some(keep) = self.keep.as_mut() {
            keep(&values, cx);
            self.kept = values;
        }
    }
}

fn width_of(text: &str) -> u16 {
    u16::try_from(cells(text)).unwrap_or(u16::MAX)
}

impl<C: Context> Layer<C> for FormLayer<C> {
    fn contexts(&self) -> &[&'static str] {
        &["form", "text"]
    }

    fn kind(&self) -> Kind {
        Kind::Overlay
    }

    fn wants_text(&self) -> bool {
        true
    }

    fn can(&self, command: &str) -> bool {
        command != "form.views" || self.aside.as_ref().is_some_and(|(name, _)| *name == command)
    }

    fn command(&mut self, name: &str, cx: &mut C) -> Handled<C> {
        if self.watch.is_some()
            && matches!(name, "form.next" | "form.previous" | "form.enter" | "form.save" | "form.stop")
        {
            let field = self.form.focused().to_owned();
            let entered = if name == "form.stop" { "!".to_owned() } else { self.form.entered(&field) };
            if let Some(effects) = self.tell(&field, &entered, cx) {
                return Handled::Done(effects);
            }
        }
        if let Some((_, does)) = self.aside.as_mut().filter(|(aside, _)| *aside == name) {
            return Handled::Done(does(cx));
        }
        match self.form.command(name) {
            FormEvent::Done => Handled::done(),
            FormEvent::Pass => Handled::Pass,
            FormEvent::Save => self.save(cx),
            FormEvent::Leave => {
                self.keep_draft(cx);
                Effect::Close(Answer::Draft(self.form.values())).into()
            }
        }
    }

    fn typed(&mut self, typed: Typed, cx: &mut C) -> Effects<C> {
        if matches!(typed, Typed::Char('!')) && self.form.chooses() {
            let field = self.form.focused().to_owned();
            if let Some(effects) = self.tell(&field, "!", cx) {
                return effects;
            }
        }
        self.form.typed(&typed);
        Vec::new()
    }

    fn rest(&mut self, cx: &mut C) {
        if self.keep.is_some() && self.form.values() != self.kept {
            self.keep_draft(cx);
        }
    }

    fn leaving(&mut self, cx: &mut C) {
        self.keep_draft(cx);
    }

    fn position(&self) -> String {
        self.form.position()
    }

    fn draw(&mut self, buf: &mut Buffer, area: Rect, theme: &Theme, cx: &C) -> Option<Position> {
        self.form.veil(self.veil.is_some_and(|veil| veil(cx)));
        if let Some(beside) = &self.beside {
            let told = beside(&self.form.values(), cx);
            self.form.remark_on(told);
        }
        // It never shrinks while it is open, so that nothing jumps.
        let width = if area.width <= NARROW { area.width } else { (area.width - 4).clamp(NARROW, WIDTH) };
        self.height = self.height.max(self.form.height(width.saturating_sub(4)).saturating_add(3)).min(HEIGHT);
        let place = centred(area, width, self.height);
        let title = self.form.title(usize::from(place.width.saturating_sub(6)), theme.symbols.ellipsis);
        let inside = panel(buf, place, theme, &title);
        let cursor = self.form.draw(buf, inside, theme);
        if let Some(more) = self.form.below(theme).filter(|more| width_of(more) + 6 < place.width) {
            // Upon the lower border, where it takes no line from the fields.
            let x = place.right().saturating_sub(width_of(&more) + 3);
            put(buf, x, place.bottom().saturating_sub(1), place.width, &format!(" {more} "), theme.style(Role::Accent));
        }
        cursor
    }
}
