//! Other teams: what is known of one, and the words that are compared by telephone.

use crate::domain::clean;
use crate::domain::dates;
use crate::domain::ids::ItemId;
use crate::domain::share::Share;
use crate::error::Kind;
use crate::session::Session;
use crate::text::counted;
use crate::tui::desk::{Desk, error_text};
use crate::tui::effect::Effect;
use crate::tui::forms::{Field, Form, FormLayer, Wrong};
use crate::tui::layers::Effects;
use crate::tui::overlays::Page;
use crate::tui::screens::busy;
use crate::tui::theme::Role;
use crate::tui::widgets::Line;

/// What is known of a team, on a page.
pub(super) fn page(peer: ItemId, desk: &Desk) -> Page {
    let session = desk.open_session();
    let Ok(info) = session.peer(peer) else {
        return Page::new("Team", vec!["It is not in the list any more.".into()]);
    };
    let mut lines = Vec::new();
    if !info.alarm.is_empty() {
        lines.push(Line::new("! Another key was shown in the name of this team.", Role::Late));
        lines.push(
            "Somebody gave you a card in its name that is not signed by the key that you know. Nothing is sent to them \
             until that is settled. Call them on a number that you had before, and ask. If they know of nothing, the \
             other card is false: compare words again (v), and tell your coordinator. Only if they did begin anew: take \
             the team out of the list (D), add the new card (a), and compare words."
                .into(),
        );
        lines.push("".into());
    }
    lines.push(match &info.verified {
        Some((when, how, by)) => {
            let day = when.with_timezone(&dates::jamaica()).format("%-d %b %Y");
            Line::new(
                format!("Words were compared on {day} by {}: {}", clean::shown(by), clean::shown(how)),
                Role::Done,
            )
        }
        None => Line::new("! Nobody has compared words with them yet: v does it, on the telephone.", Role::Soon),
    });
    if let Some(parish) = info.parish {
        lines.push(format!("Parish    {} ({parish})", parish.name).into());
    }
    if let Some(card) = &info.card {
        let says = card.says();
        let made = says.made.with_timezone(&dates::jamaica()).format("%-d %b %Y");
        lines.push(format!("Card      number {}, made {made}", says.serial).into());
        let devices = if card.is_short() {
            "come with their first bundle".to_owned()
        } else {
            counted(says.devices.len(), "device", "devices")
        };
        lines.push(format!("Devices   {devices}").into());
        lines.push(format!("Key       {}", says.root_id()).into());
    }
    let shared = Share::of_peer(session.state(), peer);
    let codes: Vec<String> = shared.iter().map(|share| desk.code(share.0.stream.item())).collect();
    lines.push("".into());
    lines.push(match codes.as_slice() {
        [] => "No case is shared with them.".into(),
        codes => format!("Shared with them: {}.", codes.join(", ")).into(),
    });
    Page::new(clean::shown(&info.name).into_owned(), lines)
}

/// Compares words with a team: ours are worked out first, on a thread.
pub(super) fn compare(peer: ItemId) -> Effects<Desk> {
    let work = move |session: &mut Session, _: busy::Tell<'_>| {
        let name = session.peer(peer)?.name;
        let spoken = session.words(peer)?.spoken().join("   ");
        Ok((name, spoken))
    };
    busy::then("Working out the words", work, move |(name, spoken), _| {
        vec![Effect::push("form", form(peer, &name, &spoken))]
    })
}

fn form(peer: ItemId, name: &str, spoken: &str) -> FormLayer<Desk> {
    let notice = format!(
        "Call them on a number that you had before, not on one that came with the card. Read these four words to them: \
         {}. They type them. Then type the four words that they read to you.",
        spoken.to_uppercase().split_whitespace().collect::<Vec<_>>().join(", ")
    );
    let fields = vec![
        Field::line("heard", "Words you hear").required().hint("four words, with spaces between them"),
        Field::line("how", "How").required().hint("\"by telephone, on the number in the directory\""),
    ];
    let form = Form::new(format!("Compare words with {}", clean::shown(name)), fields)
        .notice(notice)
        .preview(|_| "It goes on the record with your name: from then on the team counts as verified.".to_owned());
    FormLayer::new(form, move |values, _, desk: &mut Desk| {
        let done = desk.open_session_mut().verify_peer(peer, values.get("heard"), values.get("how"));
        let done = done.map_err(|error| match error.kind {
            Kind::Usage | Kind::Damaged => Wrong::field("heard", error_text(&error)),
            _ => Wrong::whole(error_text(&error)),
        })?;
        Ok(vec![Effect::info(done.says)])
    })
}
