//! Statistics for another team: numbers of a whole year, of which none can point at a child.
//!
//! What is counted here is small and honest: cases that this team opened, and what was done in them. A number leaves
//! only if at least [`LEAST`] cases stand behind it; a table only if it can be merged until that holds for each group.
//! A year is released once, when it is over: two figures for nearly the same thing would tell what lies between them,
//! so what was released is sent again as it was. Two people look before anything leaves: one prepares, another releases.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Utc};

use crate::bundle::manifest::{Kind as BundleKind, Part};
use crate::bundle::statistics::{Count, Figures, LEAST, MEASURES, Measure, merged};
use crate::domain::dates;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::{ItemId, StreamId};
use crate::domain::item::Item;
use crate::domain::pack::Risk;
use crate::domain::referral::Referral;
use crate::domain::teams;
use crate::domain::value::Value;
use crate::domain::views::{Case, Member, owner_name};
use crate::error::{AppError, Kind, Result};
use crate::ops::{At, Plan};
use crate::session::Session;

use super::post::Parcel;
use super::read::{Opened, forged};
use super::{Sent, Wish};

/// What would leave, and what stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Exactly what leaves.
    pub figures: Figures,
    /// What is too small to leave.
    pub left_out: Vec<&'static Measure>,
    /// When these figures left for the first time; they are never worked out anew.
    pub before: Option<DateTime<Utc>>,
    /// Cases that whoever asks may not read, and that are not counted.
    pub unread: usize,
    /// Cases of ours that are in no figure because use in reports was refused for the child; told to nobody else.
    pub declined: usize,
    /// Who prepared them, and that is what leaves; `None` while nobody did.
    pub prepared: Option<Prepared>,
}

/// Figures that somebody looked at, and that wait for another to release them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// Who.
    pub by: ItemId,
    /// Their name.
    pub name: String,
    figures: Figures,
}

/// What stands on figures that one person released.
const ALONE: &str = "Prepared and released by one person alone: nobody else leads this team.";

impl Session {
    /// What would leave as the figures of a calendar year.
    ///
    /// # Errors
    /// [`Kind::Refused`] for a year that is not over.
    pub fn figures(&self, year: u16) -> Result<Release> {
        if i32::from(year) >= self.today_date().year() || year < 2000 {
            return Err(AppError::new(
                Kind::Refused,
                format!("{year} is not a year that is over."),
                "Figures are of whole years: two of nearly the same time would tell what lies between them.",
            ));
        }
        let prepared = self.prepared(year);
        let (figures, before) = match (self.released(year), &prepared) {
            (Some((figures, when)), _) => (figures, Some(when)),
            (None, Some(prepared)) => (prepared.figures.clone(), None),
            (None, None) => (self.count(year), None),
        };
        let out = |measure: &&Measure| !figures.counts.iter().any(|count| count.measure == *measure);
        let left_out = MEASURES.iter().filter(out).collect();
        let declined = self.declined().len();
        Ok(Release { figures, left_out, before, unread: self.restricted_cases(), declined, prepared })
    }

    /// Works out the figures of a calendar year and puts them on record, for another person to release: what leaves is
    /// exactly this. Says what is to be done next. What was released once needs no second look.
    ///
    /// # Errors
    /// As [`Session::figures`]; [`Kind::Refused`] if nothing can leave, or for observers.
    pub fn prepare_figures(&mut self, year: u16) -> Result<String> {
        if let Some(when) = self.figures(year)?.before {
            let day = when.with_timezone(&dates::jamaica()).format("%-d %b %Y");
            return Ok(format!("The figures of {year} were released on {day}: they leave again as they were."));
        }
        if Member::get(&self.state, self.me).is_none_or(|me| me.role() == "observer" || me.left()) {
            return Err(AppError::new(
                Kind::Refused,
                "Observers prepare nothing.",
                "Ask a champion or a coordinator of the team.",
            ));
        }
        let figures = self.count(year);
        some(&figures)?;
        let stream = self.state.team_stream();
        let at = At { stream, item: stream.item(), class: crate::domain::class::Class::Core };
        let mut plan = Plan::default();
        plan.set(&self.state, at, Field::TeamFigures, Value::text(&figures.text()));
        if plan.facts.is_empty() {
            // The same once more, by another: who prepares is who says so last.
            plan.set(&self.state, at, Field::TeamFigures, Value::Nothing);
            self.write(std::mem::take(&mut plan.facts))?;
            plan.set(&self.state, at, Field::TeamFigures, Value::text(&figures.text()));
        }
        self.write(plan.facts)?;
        Ok(match self.others_who_lead().as_slice() {
            [] if Member::get(&self.state, self.me).is_some_and(Member::leads) => {
                format!(
                    "The figures of {year} are prepared. Nobody else leads this team: look at them once more, then release them alone; the bundle says so."
                )
            }
            [] => {
                format!("The figures of {year} are prepared: a coordinator or deputy looks at them and releases them.")
            }
            names => {
                format!("The figures of {year} are prepared: {} looks at them and releases them.", names.join(" or "))
            }
        })
    }

    /// The figures of a year that were prepared last.
    fn prepared(&self, year: u16) -> Option<Prepared> {
        let team = self.state.item(self.state.team_stream().item())?;
        let head = team.register(Field::TeamFigures)?.heads().first()?;
        let figures = Figures::parse(head.value.as_str()?.as_bytes()).ok().filter(|figures| figures.year == year)?;
        let by = self.state.stamp(head.entry)?.author;
        Some(Prepared { by, name: owner_name(&self.state, Some(by)).into_owned(), figures })
    }

    /// The names of the others who lead the team and have a key.
    fn others_who_lead(&self) -> Vec<String> {
        let others = Member::all(&self.state).into_iter().filter(|it| it.leads() && !it.left() && it.0.id != self.me);
        others.filter(|it| !it.0.str(Field::MemberRecipient).is_empty()).map(|it| it.name().to_owned()).collect()
    }

    /// Who prepared the figures of a year, if whoever asks may release them now.
    fn may_release(&self, wish: &Wish, year: u16) -> Result<Prepared> {
        let prepared = self.prepared(year).ok_or_else(|| {
            AppError::new(
                Kind::Refused,
                format!("Nobody has prepared the figures of {year} yet."),
                "One person prepares them (mahoe bundle export --kind statistics --prepare), another one sends them.",
            )
        })?;
        if prepared.by != self.me {
            return Ok(prepared);
        }
        match self.others_who_lead().as_slice() {
            [] if wish.alone => Ok(prepared),
            [] => Err(AppError::new(
                Kind::Refused,
                "You prepared these figures yourself, and nobody else leads this team.",
                "Look at them once more, then release them alone (--alone): the bundle says that one person did both.",
            )),
            names => Err(AppError::new(
                Kind::Refused,
                "You prepared these figures yourself: another person releases them.",
                format!("Ask {} to look at them and to send them.", names.join(" or ")),
            )),
        }
    }

    /// Sends a team the figures of a calendar year.
    ///
    /// # Errors
    /// As [`Session::figures`]; [`Kind::Refused`] if whoever asks doesn't lead the team, or nothing can leave.
    pub fn send_figures(&mut self, wish: &Wish, year: u16) -> Result<Sent> {
        let (peer, overridden) = self.may_post(wish)?;
        if !Member::get(&self.state, self.me).is_some_and(Member::leads) {
            return Err(AppError::new(
                Kind::Refused,
                "Only a coordinator or a deputy can release figures.",
                "Ask one of them.",
            ));
        }
        let Release { figures, before, .. } = self.figures(year)?;
        some(&figures)?;
        let prepared = if before.is_some() { None } else { Some(self.may_release(wish, year)?) };
        let alone = prepared.as_ref().is_some_and(|prepared| prepared.by == self.me);
        let note = (alone || self.released_alone(year)).then(|| ALONE.to_owned());
        let text = figures.text();
        self.all_or_nothing(|session| {
            let parts = vec![(Part::Statistics, text.clone().into_bytes())];
            let mut sent = session.post(&peer, Parcel { parts, note, ..Parcel::of(BundleKind::Statistics) })?;
            session.keep_figures(sent.item, &text)?;
            if let (Some(prepared), Some(at)) = (&prepared, session.state.item(sent.item).map(At::of)) {
                let mut plan = Plan::default();
                plan.set(&session.state, at, Field::BundlePrepared, Value::Item(prepared.by));
                session.write(plan.facts)?;
            }
            session.note_why(sent.item, wish, overridden)?;
            sent.says = format!("{} It holds the figures of {year}, and nothing else.", sent.says);
            Ok(sent)
        })
    }

    /// Keeps figures with the bundle that they left or came in.
    pub(super) fn keep_figures(&mut self, bundle: ItemId, text: &str) -> Result<()> {
        let Some(at) = self.state.item(bundle).map(At::of) else { return Ok(()) };
        let mut plan = Plan::default();
        plan.set(&self.state, at, Field::BundleFigures, Value::text(text));
        self.write(plan.facts).map(drop)
    }

    /// The figures of a year that left first, and when.
    fn released(&self, year: u16) -> Option<(Figures, DateTime<Utc>)> {
        let sent =
            self.state.items(ItemKind::Bundle).filter(|item| item.value(Field::BundleOurs) == Value::YesNo(true));
        let kept = sent.filter_map(|item| {
            let figures = kept_figures(item).filter(|figures| figures.year == year)?;
            Some((figures, item.value(Field::BundleMade).as_when()?, item.id))
        });
        kept.min_by_key(|(_, when, id)| (*when, *id)).map(|(figures, when, _)| (figures, when))
    }

    /// True if whoever released the figures of a year first had prepared them too.
    fn released_alone(&self, year: u16) -> bool {
        let sent = self.state.items(ItemKind::Bundle).filter(|item| {
            item.value(Field::BundleOurs) == Value::YesNo(true)
                && kept_figures(item).is_some_and(|figures| figures.year == year)
        });
        let first = sent.min_by_key(|item| (item.value(Field::BundleMade).as_when(), item.id));
        first.is_some_and(|item| {
            let by = item.created.and_then(|entry| self.state.stamp(entry)).map(|stamp| stamp.author);
            by.is_some() && item.value(Field::BundlePrepared).as_item() == by
        })
    }

    /// Counts a year.
    fn count(&self, year: u16) -> Figures {
        let state = &self.state;
        let within = |item: &Item, field: Field| {
            let when = item.value(field).as_when();
            when.is_some_and(|when| when.with_timezone(&dates::jamaica()).year() == i32::from(year))
        };
        // What another team opened, that team counts. A child for whom use in reports was refused is in no figure.
        let declined = self.declined();
        let ours = |stream: StreamId| {
            Case::of_stream(state, stream).is_some_and(|case| !teams::made_elsewhere(state, case.0))
                && !declined.contains(&stream)
        };
        let reported = |case: &Case<'_>| {
            let dated = !case.0.value(Field::CaseReported).is_nothing();
            within(case.0, if dated { Field::CaseReported } else { Field::CaseOpened })
        };
        let cases = || state.items(ItemKind::Case).map(Case).filter(|case| ours(case.0.stream));
        let streams = |kind: ItemKind, counts: &dyn Fn(&Item) -> bool| -> Vec<StreamId> {
            let all = state.items(kind).filter(|item| ours(item.stream) && counts(item));
            all.map(|item| item.stream).collect()
        };
        let mut figures = Figures { year, counts: Vec::new() };
        for measure in MEASURES {
            let behind: Vec<StreamId> = match measure.name {
                "cases-reported" => cases().filter(reported).map(|case| case.0.stream).collect(),
                "cases-closed" => streams(ItemKind::Case, &|item| within(item, Field::CaseClosed)),
                "actions-done" => streams(ItemKind::Action, &|item| {
                    item.str(Field::ActionState) == "done" && within(item, Field::ActionDone)
                }),
                "follow-ups-made" => streams(ItemKind::FollowUp, &|item| {
                    item.str(Field::FollowUpState) == "done" && within(item, Field::FollowUpDone)
                }),
                "referrals-sent" => streams(ItemKind::Referral, &|item| {
                    Referral(item).is_ours(state) && within(item, Field::ReferralSent)
                }),
                _ => {
                    let of = |risk: &str| cases().filter(reported).filter(|case| case.risk().code() == risk).count();
                    let numbers: Vec<u64> = measure.categories.iter().map(|risk| of(risk) as u64).collect();
                    debug_assert_eq!(measure.categories, Risk::ALL.map(Risk::code));
                    figures.counts.extend(merged(measure, &numbers).unwrap_or_default());
                    continue;
                }
            };
            let distinct: BTreeSet<StreamId> = behind.iter().copied().collect();
            if distinct.len() as u64 >= LEAST {
                figures.counts.push(Count { measure, group: Vec::new(), number: behind.len() as u64 });
            }
        }
        figures
    }
}

/// Refuses figures of which nothing can leave.
fn some(figures: &Figures) -> Result<()> {
    if !figures.counts.is_empty() {
        return Ok(());
    }
    Err(AppError::new(
        Kind::Refused,
        format!(
            "There is nothing of {} that could leave: every number has fewer than {LEAST} cases behind it.",
            figures.year
        ),
        "In a small parish a small number points at a child. Tell the other team by word what they need to know.",
    ))
}

/// The figures that are kept with a bundle.
pub fn kept_figures(bundle: &Item) -> Option<Figures> {
    Figures::parse(bundle.str(Field::BundleFigures).as_bytes()).ok()
}

/// Reads the figures of a bundle, which holds nothing else.
pub(super) fn read(opened: &Opened, parts: &[(Part, Vec<u8>)]) -> Result<Figures> {
    let [(Part::Statistics, bytes)] = parts else {
        return Err(forged("it says that it holds figures, and holds none"));
    };
    if opened.cards.iter().any(|card| card.says().root_id() != opened.sender.says().root_id()) {
        return Err(forged("it brings cards that no figures need"));
    }
    Figures::parse(bytes).map_err(|_| forged("its figures are not such as a team may release"))
}
