//! The labelled trie: what a sequence of keys means, and what can follow a part of one.

use std::collections::BTreeMap;

use super::chord::Chord;

/// What a complete sequence does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The command's name, as in the registry.
    pub command: String,
    /// What it does, in a word or two, as the footer and the help say it.
    pub says: String,
    /// Its rank in the footer: the highest come first, 0 stays out.
    pub footer: u8,
    /// Why this key may mean something else than in the contexts below.
    pub why: Option<String>,
}

/// A node: either the end of a sequence, or the middle of several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// The sequence is complete.
    Leaf(Binding),
    /// More keys can follow.
    Branch(Branch),
}

/// The middle of some sequences.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Branch {
    /// What the keys so far mean: "go to".
    pub label: String,
    /// What can follow.
    pub next: BTreeMap<Chord, Node>,
}

impl Branch {
    /// The node that `keys` lead to.
    pub fn find(&self, keys: &[Chord]) -> Option<&Node> {
        let (first, rest) = keys.split_first()?;
        match (self.next.get(first)?, rest) {
            (node, []) => Some(node),
            (Node::Branch(branch), rest) => branch.find(rest),
            (Node::Leaf(_), _) => None,
        }
    }

    /// Puts a binding at the end of `keys`, in the place of whatever was there.
    ///
    /// A leaf on the way becomes a branch: the newer binding wins, which is what a person's own file is for.
    pub fn insert(&mut self, keys: &[Chord], node: Node) {
        let Some((first, rest)) = keys.split_first() else { return };
        if rest.is_empty() {
            self.next.insert(*first, node);
            return;
        }
        let child = self.next.entry(*first).or_insert_with(|| Node::Branch(Branch::default()));
        if let Node::Leaf(_) = child {
            *child = Node::Branch(Branch::default());
        }
        if let Node::Branch(branch) = child {
            branch.insert(rest, node);
        }
    }

    /// Takes away what `keys` do, and the branches that this leaves empty.
    pub fn remove(&mut self, keys: &[Chord]) {
        let Some((first, rest)) = keys.split_first() else { return };
        if rest.is_empty() {
            self.next.remove(first);
        } else if let Some(Node::Branch(branch)) = self.next.get_mut(first) {
            branch.remove(rest);
            if branch.next.is_empty() {
                self.next.remove(first);
            }
        }
    }

    /// Labels the branch at `keys`, if one is there.
    pub fn set_label(&mut self, keys: &[Chord], label: &str) -> bool {
        match (keys.split_first(), keys) {
            (None, _) => {
                label.clone_into(&mut self.label);
                true
            }
            (Some((first, rest)), _) => match self.next.get_mut(first) {
                Some(Node::Branch(branch)) => branch.set_label(rest, label),
                _ => false,
            },
        }
    }

    /// Calls `f` with every complete sequence and its binding, in the order of keys.
    pub fn each(&self, f: &mut impl FnMut(&[Chord], &Binding)) {
        self.walk(&mut Vec::new(), f);
    }

    fn walk(&self, path: &mut Vec<Chord>, f: &mut impl FnMut(&[Chord], &Binding)) {
        for (chord, node) in &self.next {
            path.push(*chord);
            match node {
                Node::Leaf(binding) => f(path, binding),
                Node::Branch(branch) => branch.walk(path, f),
            }
            path.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::chord::parse_sequence;
    use super::*;

    fn leaf(command: &str) -> Node {
        Node::Leaf(Binding { command: command.into(), says: String::new(), footer: 0, why: None })
    }

    #[test]
    fn insert_find_remove() {
        let keys = |t| parse_sequence(t).unwrap();
        let mut root = Branch::default();
        root.insert(&keys("g t"), leaf("a"));
        root.insert(&keys("g c"), leaf("b"));
        assert!(root.set_label(&keys("g"), "go to"));
        assert!(matches!(root.find(&keys("g")), Some(Node::Branch(b)) if b.label == "go to" && b.next.len() == 2));
        assert_eq!(root.find(&keys("g t")), Some(&leaf("a")));
        assert_eq!(root.find(&keys("g t x")), None);
        root.remove(&keys("g t"));
        root.remove(&keys("g c"));
        assert_eq!(root.find(&keys("g")), None, "an empty branch goes");
        root.insert(&keys("q"), leaf("q"));
        root.insert(&keys("q q"), leaf("qq"));
        assert_eq!(root.find(&keys("q q")), Some(&leaf("qq")));
    }
}
