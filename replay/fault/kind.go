package fault

import "errors"

// A Kind names what is wrong in one word, for programs: they branch on it and never on
// a message.
type Kind string

// The kinds of faults. [Kinds] says what each one means.
const (
	KindUsage         Kind = "usage"
	KindBadPoint      Kind = "bad_point"
	KindBadTime       Kind = "bad_time"
	KindBadExpression Kind = "bad_expression"
	KindBadProject    Kind = "bad_project"
	KindBadFile       Kind = "bad_file"
	KindBadCursor     Kind = "bad_cursor"
	KindAmbiguous     Kind = "ambiguous"
	KindUnsupported   Kind = "unsupported"
	KindTimeout       Kind = "timeout"
	KindNeedsContext  Kind = "needs_context"
	KindCantWrite     Kind = "cant_write"
	KindNoStore       Kind = "no_store"
	KindNotAStore     Kind = "not_a_store"
	KindBadStore      Kind = "bad_store"
	KindDuplicate     Kind = "duplicate_version"
	KindUnread        Kind = "unread"
	KindNoStream      Kind = "no_stream"
	KindNoEvent       Kind = "no_event"
	KindNoVersion     Kind = "no_version"
	KindNoPoint       Kind = "no_point"
	KindNoPath        Kind = "no_path"
	KindUnknownType   Kind = "unknown_type"
	KindNoProjection  Kind = "no_projection"
	KindNotFound      Kind = "not_found"
	KindFoldFailed    Kind = "fold_failed"
	KindUnhandled     Kind = "unhandled"
	KindInterrupted   Kind = "interrupted"
	KindBug           Kind = "bug"
)

// A Meaning says what a kind is.
type Meaning struct {
	Kind  Kind
	About string
}

// Kinds are all kinds of faults. A front end lists them.
var Kinds = []Meaning{
	{KindUsage, "the question is wrong: an option or an argument"},
	{KindBadPoint, "a point that cannot be parsed"},
	{KindBadTime, "a time that cannot be parsed"},
	{KindBadExpression, "an expression or a script with a syntax error"},
	{KindBadProject, "a fault in asof.toml or in a file that it names"},
	{KindBadFile, "an input file that can't be read or used, but not the store"},
	{KindBadCursor, "a cursor of another question, or not a cursor"},
	{KindAmbiguous, "a prefix of several names; near lists some"},
	{KindUnsupported, "the store lacks what the question needs, such as times"},
	{KindTimeout, "the question took longer than its limit"},
	{KindNeedsContext, "the store has several applications; near lists them"},
	{KindCantWrite, "an output or a temporary file that can't be written"},
	{KindNoStore, "the store does not exist"},
	{KindNotAStore, "not a store, or it matches no dialect or several"},
	{KindBadStore, "the store is damaged or can't be read"},
	{KindDuplicate, "a stream has a version twice"},
	{KindUnread, "the question needs a payload that can't be read"},
	{KindNoStream, "no such stream"},
	{KindNoEvent, "no such event"},
	{KindNoVersion, "no such version in the stream"},
	{KindNoPoint, "no such point"},
	{KindNoPath, "no such path in the state"},
	{KindUnknownType, "no event of that type"},
	{KindNoProjection, "no such projection or partition"},
	{KindNotFound, "something else that does not exist, such as an invariant"},
	{KindFoldFailed, "a projection, an upcaster or a command failed"},
	{KindUnhandled, "a strict fold met an event without a handler"},
	{KindInterrupted, "the run was interrupted"},
	{KindBug, "a bug in asof"},
}

// kindOfClass is the kind of an error that does not know its own.
var kindOfClass = map[Class]Kind{
	Bug: KindBug, Usage: KindUsage, Store: KindBadStore, NotFound: KindNotFound, Fold: KindFoldFailed,
}

// KindOf returns the kind of the outermost [Error] in err's chain, or else one for its
// class.
func KindOf(err error) Kind {
	var e Error
	if errors.As(err, &e) {
		if k, ok := e.(interface{ Fault() Kind }); ok {
			return k.Fault()
		}
		return kindOfClass[e.Class()]
	}
	switch c := systemClass(err); c {
	case Usage:
		return KindBadFile
	default:
		return kindOfClass[c]
	}
}
