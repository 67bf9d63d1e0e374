//! Statistics for another team: numbers of a whole year, of which none can point at a child.
//!
//! What is counted here is small and honest: cases that this team opened, and what was done in them. A number leaves
//! only if at least [`LEAST`] cases stand behind it; a table only if it can be merged until that holds for each group.
//! A year is released once, when it is over: two figures for nearly the same thing would tell what lies between them,
//! so what was released is sent again as it was.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Utc};

use crate::bundle::manifest::{Kind as BundleKind, Part};
use crate::bundle::statistics::{Count, Figures, LEAST, MEASURES, Measure, merged};
use crate::domain::dates;
use crate::domain::field::{Field, ItemKind};
use crate::domain::ids::StreamId;
use crate::domain::item::Item;
use crate::domain::pack::Risk;
use crate::domain::referral::Referral;
use crate::domain::teams;
use crate::domain::value::Value;
use crate::domain::views::{Case, Member};
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
}

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
        let (figures, before) = match self.released(year) {
            Some((figures, when)) => (figures, Some(when)),
            None => (self.count(year), None),
        };
        let out = |measure: &&Measure| !figures.counts.iter().any(|count| count.measure == *measure);
        let left_out = MEASURES.iter().filter(out).collect();
        Ok(Release { figures, left_out, before, unread: self.restricted_cases() })
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
        let figures = self.figures(year)?.figures;
        if figures.counts.is_empty() {
            return Err(AppError::new(
                Kind::Refused,
                format!(
                    "There is nothing of {year} that could leave: every number has fewer than {LEAST} cases behind it."
                ),
                "In a small parish a small number points at a child. Tell the other team by word what they need to know.",
            ));
        }
        let text = figures.text();
        self.all_or_nothing(|session| {
            let parts = vec![(Part::Statistics, text.clone().into_bytes())];
            let mut sent = session.post(&peer, Parcel { parts, ..Parcel::of(BundleKind::Statistics) })?;
            session.keep_figures(sent.item, &text)?;
            session.note_why(sent.item, wish, overridden)?;
            sent.says = format!("{} It holds the figures of {year}, and nothing else.", sent.says);
            Ok(sent)
        })
    }

    /// Keeps figures with the bundle that they left or came in.
    pub(super) fn keep_figures(&mut self, bundle: crate::domain::ids::ItemId, text: &str) -> Result<()> {
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

    /// Counts a year.
    fn count(&self, year: u16) -> Figures {
        let state = &self.state;
        let within = |item: &Item, field: Field| {
            let when = item.value(field).as_when();
            when.is_some_and(|when| when.with_timezone(&dates::jamaica()).year() == i32::from(year))
        };
        // What another team opened, that team counts.
        let ours =
            |stream: StreamId| Case::of_stream(state, stream).is_some_and(|case| !teams::made_elsewhere(state, case.0));
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
