use std::hash::Hash;

use opentelemetry::{KeyValue, Value};

/// One label: a key, and a type that has few values.
///
/// Enums get it from [`label!`](crate::label). Write it by hand only for what is bounded otherwise: a `&'static str`
/// out of the program's own text, or an id through [`Few`](super::Few). Never for what a request says.
pub trait Label: Copy + Eq + Hash + Send + Sync + 'static {
    /// The key, such as `http.route`.
    const KEY: &'static str;

    /// The values that are known before any was seen; none where the type does not know them.
    #[must_use]
    fn known() -> Vec<Self> {
        Vec::new()
    }

    /// What is written for it.
    fn value(self) -> Value;
}

/// The labels of an instrument: none, or a [`Label`], or up to four of them.
pub trait Labels: Copy + Eq + Hash + Send + Sync + 'static {
    /// The keys.
    fn keys() -> Vec<&'static str>;

    /// All combinations of the known values.
    fn known() -> Vec<Self>;

    /// What OpenTelemetry is told.
    fn pairs(self) -> Vec<KeyValue>;
}

impl Labels for () {
    fn keys() -> Vec<&'static str> {
        Vec::new()
    }

    fn known() -> Vec<Self> {
        vec![()]
    }

    fn pairs(self) -> Vec<KeyValue> {
        Vec::new()
    }
}

impl<A: Label> Labels for A {
    fn keys() -> Vec<&'static str> {
        vec![A::KEY]
    }

    fn known() -> Vec<Self> {
        A::known()
    }

    fn pairs(self) -> Vec<KeyValue> {
        vec![pair(self)]
    }
}

impl<A: Label, B: Label> Labels for (A, B) {
    fn keys() -> Vec<&'static str> {
        vec![A::KEY, B::KEY]
    }

    fn known() -> Vec<Self> {
        A::known().into_iter().flat_map(|a| B::known().into_iter().map(move |b| (a, b))).collect()
    }

    fn pairs(self) -> Vec<KeyValue> {
        vec![pair(self.0), pair(self.1)]
    }
}

impl<A: Label, B: Label, C: Label> Labels for (A, B, C) {
    fn keys() -> Vec<&'static str> {
        vec![A::KEY, B::KEY, C::KEY]
    }

    fn known() -> Vec<Self> {
        let with_c = |(a, b)| C::known().into_iter().map(move |c| (a, b, c));
        <(A, B)>::known().into_iter().flat_map(with_c).collect()
    }

    fn pairs(self) -> Vec<KeyValue> {
        vec![pair(self.0), pair(self.1), pair(self.2)]
    }
}

impl<A: Label, B: Label, C: Label, D: Label> Labels for (A, B, C, D) {
    fn keys() -> Vec<&'static str> {
        vec![A::KEY, B::KEY, C::KEY, D::KEY]
    }

    fn known() -> Vec<Self> {
        let with_d = |(a, b, c)| D::known().into_iter().map(move |d| (a, b, c, d));
        <(A, B, C)>::known().into_iter().flat_map(with_d).collect()
    }

    fn pairs(self) -> Vec<KeyValue> {
        vec![pair(self.0), pair(self.1), pair(self.2), pair(self.3)]
    }
}

fn pair<L: Label>(label: L) -> KeyValue {
    KeyValue::new(L::KEY, label.value())
}

/// An enum that is a [`Label`](crate::Label): each variant with what is written for it.
///
/// ```
/// onsale_telemetry::label! {
///     /// How a join ended.
///     pub enum Outcome: "outcome" {
///         /// A new number was given.
///         New = "new",
///         /// The line has no room.
///         Full = "full",
///     }
/// }
/// ```
#[macro_export]
macro_rules! label {
    (
        $(#[$about:meta])*
        $visibility:vis enum $name:ident: $key:literal {
            $($(#[$about_one:meta])* $variant:ident = $value:literal,)+
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        $visibility enum $name {
            $($(#[$about_one])* $variant,)+
        }

        impl $crate::Label for $name {
            const KEY: &'static str = $key;

            fn known() -> Vec<Self> {
                vec![$(Self::$variant),+]
            }

            fn value(self) -> $crate::LabelValue {
                match self {
                    $(Self::$variant => $value.into(),)+
                }
            }
        }
    };
}
