package exec

import (
	"fmt"
	"strconv"
	"time"

	"asof/replay"
	"asof/replay/state"
)

const applyStart = `{"op":"apply",`

// appendApply appends the question about an event for a command that already has
// the state.
func appendApply(b []byte, e *replay.Event) ([]byte, error) {
	return appendQuestion(append(b, applyStart...), e)
}

// appendQuestion appends the part of a question that follows the state.
func appendQuestion(b []byte, e *replay.Event) ([]byte, error) {
	b, err := appendEvent(append(b, `"event":`...), e)
	return append(b, "}\n"...), err
}

// appendEvent appends an event as one line of JSON.
func appendEvent(b []byte, e *replay.Event) ([]byte, error) {
	data, err := e.Body()
	if err != nil {
		return b, err
	}
	text := func(key, s string) {
		b = append(append(append(b, '"'), key...), `":`...)
		if s == "" {
			b = append(b, "null,"...)
			return
		}
		b = append(state.AppendQuoted(b, s), ',')
	}
	number := func(key string, n int64, none bool) {
		b = append(append(append(b, '"'), key...), `":`...)
		if none {
			b = append(b, "null,"...)
			return
		}
		b = append(strconv.AppendInt(b, n, 10), ',')
	}
	b = append(b, '{')
	text("stream", string(e.Stream))
	text("category", e.Category)
	number("version", int64(e.Version), false)
	number("position", int64(e.Position), e.Position == replay.NoPosition)
	text("id", e.ID)
	text("type", e.Type)
	number("revision", int64(e.Revision), e.Revision == 0)
	at := ""
	if !e.Time.IsZero() {
		at = e.Time.UTC().Format(time.RFC3339Nano)
	}
	text("time", at)
	text("actor", e.Meta.Actor)
	text("correlation_id", e.Meta.Correlation)
	text("causation_id", e.Meta.Causation)
	b = state.AppendJSON(append(b, `"data":`...), data)
	b = append(b, `,"metadata":`...)
	if e.Meta.Raw == nil {
		return append(b, "null}"...), nil
	}
	// The stored text may have line breaks.
	meta, _, err := state.ParsePayload(e.Meta.Raw)
	if err != nil {
		return b, fmt.Errorf("its metadata: %w", err)
	}
	return append(state.AppendJSON(b, meta), '}'), nil
}

type answerKind uint8

const (
	answerState answerKind = iota
	answerUnchanged
	answerUnhandled
)

// An answer is the command's reply to a question.
type answer struct {
	kind  answerKind
	state state.Value
}

// A reportedError is an error that the command reports in an answer.
type reportedError struct{ msg string }

func (e *reportedError) Error() string { return e.msg }

// An answerError is an invalid answer.
type answerError struct {
	what string
	line string // its beginning, quoted; may be empty
}

func (e *answerError) Error() string {
	if e.line == "" {
		return e.what
	}
	return e.what + ": " + e.line
}

// parseAnswer parses an answer. Its state is valid until the parser's next use.
func parseAnswer(p *state.Parser, line []byte) (answer, error) {
	v, err := p.ParseState(line)
	if err != nil {
		return answer{}, &answerError{fmt.Sprintf("its answer is %v", err), excerpt(line)}
	}
	if v.Kind() != state.Object {
		return answer{}, &answerError{"its answer is not an object", excerpt(line)}
	}
	var found []string
	for _, key := range [...]string{"state", "unchanged", "unhandled", "error"} {
		if !v.Node().Get(key).IsAbsent() {
			found = append(found, key)
		}
	}
	if len(found) != 1 {
		return answer{}, &answerError{`its answer must have one of "state", "unchanged", "unhandled" and "error"`, excerpt(line)}
	}
	a := answer{state: v.Node().Get(found[0])}
	switch found[0] {
	case "state":
		return a, nil
	case "error":
		if a.state.Kind() != state.String {
			return answer{}, &answerError{`"error" in its answer must be a string`, excerpt(line)}
		}
		return answer{}, &reportedError{"it said: " + replay.Printable(a.state.Text(), 1000)}
	case "unchanged":
		a.kind = answerUnchanged
	case "unhandled":
		a.kind = answerUnhandled
	}
	if !a.state.Bool() {
		return answer{}, &answerError{fmt.Sprintf("%q in its answer must be true", found[0]), excerpt(line)}
	}
	return a, nil
}

// excerpt quotes the beginning of what the command wrote.
func excerpt(line []byte) string {
	const most = 120
	if len(line) == 0 {
		return ""
	}
	if len(line) <= most {
		return strconv.QuoteToGraphic(string(line))
	}
	return strconv.QuoteToGraphic(string(line[:most])) + fmt.Sprintf("… (%d bytes)", len(line))
}
