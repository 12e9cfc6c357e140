//! The macro that makes the types, the enum and the table of operations out of their entries.
//!
//! Holds no entry itself: those are in `op/table.rs`.

/// Makes the types, the enum and the table out of the entries.
///
/// `waits` marks what may take time: such an operation also takes `within`, `nowait` and `start`.
/// `eof` marks what may end in end of file. `gives` names the facts of its outcome, `short` the
/// argument that may stand without a table around it. `example` is a step, or two: the reference
/// shows it, and a test parses it in the file that [`file_around`] gives.
macro_rules! operations {
    ($(
        $(#[doc = $summary:literal])+
        $verb:ident => $Op:ident, calls $calls:literal
            $(, waits $waits:literal)? $(, eof $eof:literal)?
            $(, gives [$($field:ident),*])? $(, short $short:literal)?, example [$($example:literal),+]
        { $( $(#[doc = $about:literal])+ $argument:ident: $Type:ty, )* }
    )+) => {
        $(
            $(#[doc = $summary])+
            #[derive(Clone, Debug, PartialEq)]
            pub struct $Op {
                $( $(#[doc = $about])+ pub $argument: $Type, )*
            }

            impl $Op {
                const ENTRY: Entry = Entry {
                    verb: stringify!($verb),
                    summary: concat!($($summary, "\n"),+),
                    calls: $calls,
                    waits: false $(|| $waits)?,
                    eof: false $(|| $eof)?,
                    gives: &[$($(Field::$field),*)?],
                    shorthand: entry::first(&[$($short)?]),
                    example: &[$($example),+],
                    arguments: &[$(ArgumentEntry {
                        name: stringify!($argument),
                        about: concat!($($about, "\n"),+),
                        required: <$Type as Argument>::REQUIRED,
                        form: <$Type as Argument>::WANTED,
                        keys: <$Type as Argument>::KEYS,
                        schema: <$Type as Argument>::schemas,
                    }),*],
                    read: |fields| {
                        // Each argument is read before the first `?`: all mistakes at once.
                        $( let $argument = <$Type as Argument>::take_from(fields, stringify!($argument)); )*
                        let _ = &fields;
                        Some(Op::$Op($Op { $( $argument: $argument?, )* }))
                    },
                };
            }
        )+

        /// One operation with its arguments.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Op {
            $( $(#[doc = $summary])+ $Op($Op), )+
        }

        /// Every operation, in the order of the reference.
        pub static TABLE: &[&Entry] = &[$( &$Op::ENTRY ),+];

        impl Op {
            /// The operation's table entry.
            pub fn entry(&self) -> &'static Entry {
                match self { $( Op::$Op(_) => &$Op::ENTRY, )+ }
            }

            /// The arguments that were given, as a transcript shows them.
            #[allow(unused_variables, reason = "some operations have no argument")]
            pub fn show_arguments(&self) -> String {
                let entry = self.entry();
                let mut shown: Vec<Option<String>> = Vec::new();
                match self { $( Op::$Op(op) => {
                    $(
                        let short = entry.shorthand == Some(stringify!($argument));
                        shown.push(Argument::shown(&op.$argument, stringify!($argument), short));
                    )*
                } )+ }
                let shown: Vec<String> = shown.into_iter().flatten().collect();
                shown.join(", ")
            }

            /// Tells of every socket that the arguments name.
            #[allow(unused_variables, reason = "some operations have no argument")]
            pub fn visit(&self, visitor: &mut dyn FnMut(Use<'_>)) {
                match self { $( Op::$Op(op) => { $( Argument::visit_all(&op.$argument, visitor); )* } )+ }
            }
        }
    };
}
