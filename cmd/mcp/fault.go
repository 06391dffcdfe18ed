package mcp

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"asof/replay/fault"
	"asof/replay/state"
)

// kindAdvice says what to do about a kind of fault, in words that quote nothing.
var kindAdvice = map[string]string{
	"bad_arguments":                 "correct all of data.wrong and call again",
	"unknown_tool":                  "list the tools",
	string(fault.KindTimeout):       "ask for less: one stream, where there is a choice, or an earlier point; a person can start the server with a longer timeout",
	"interrupted":                   "the call was cancelled",
	"no_answer":                     "call again later; if it persists, ask a person to check the store's server",
	string(fault.KindBadStore):      "the store cannot be read now: call again later; if it persists, tell a person what data says",
	"too_large":                     "ask for less: limit, path or a smaller range",
	string(fault.KindNoStream):      "use a stream of data.near, or find_streams with a pattern",
	string(fault.KindAmbiguous):     "use one of data.near in full",
	string(fault.KindNoVersion):     "use a version that exists: data has the first and the last; head is the last",
	string(fault.KindNoEvent):       "use read_events to find it",
	string(fault.KindNoPoint):       "use a point that exists, such as head",
	string(fault.KindNoPath):        "use a path of data.near, or state_at without path",
	string(fault.KindUnknownType):   "use a type of describe_store",
	string(fault.KindBadPoint):      "write a point such as 17, head~3, pos:48210, type:OrderPaid or 2026-11-20T14:00:00Z",
	string(fault.KindFoldFailed):    "read data.message; ask for a point before that event, or correct the expression",
	string(fault.KindBadExpression): "correct the expression: data says what is wrong with it",
	string(fault.KindBadCursor):     "call again without cursor",
	string(fault.KindUnsupported):   "ask without what the store lacks: describe_store lists it",
}

// kindOf is the kind of an error.
func kindOf(err error) string {
	var large *tooLarge
	switch {
	case errors.Is(err, errAway):
		return "no_answer"
	case errors.Is(err, errTime), errors.Is(err, context.DeadlineExceeded):
		return string(fault.KindTimeout)
	case errors.Is(err, context.Canceled):
		return string(fault.KindInterrupted)
	case errors.As(err, &large):
		return "too_large"
	}
	return string(fault.KindOf(err))
}

// adviceOf writes a remedy in the words of the tools.
func adviceOf(r fault.Remedy) string {
	var parts []string
	if r.Text != "" {
		parts = append(parts, r.Text)
	}
	for _, o := range r.Set {
		text := "with " + o.Name
		if len(o.Values) > 0 {
			text += ": " + strings.Join(o.Values, ", ")
		}
		parts = append(parts, text)
	}
	if len(r.Drop) > 0 {
		parts = append(parts, "leave out "+strings.Join(r.Drop, " and "))
	}
	if t, ok := toolOf[r.Ask]; ok {
		parts = append(parts, "see "+t)
	}
	return strings.Join(parts, "; ")
}

// toolOf is the tool for a verb of the command line.
var toolOf = map[string]string{
	"streams": "find_streams", "log": "read_events", "show": "read_events", "replay": "state_at", "info": "describe_store",
	"blame": "blame", "diff": "diff_states", "check": "check", "bisect": "find_change", "trace": "trace", "why": "blame", "whatif": "state_at", "query": "query",
}

// Bounds of what an error says.
const (
	maxMessage = 1500
	maxNear    = 10
)

// failed is the answer of a call that could not be answered.
func (s *Server) failed(c *call, err error) Answer {
	scrub := s.space.Scrub
	if c.w != nil {
		scrub = c.clean
	}
	kind := kindOf(err)
	r := fault.RemedyOf(err)
	data := object("message", short(scrub(err.Error()), maxMessage))
	if hint := adviceOf(r); hint != "" {
		data.Set("hint", value(short(scrub(hint), maxMessage)))
	}
	if near := slices.Concat(r.Near, r.Said); len(near) > 0 {
		data.Set("near", nearOf(near, scrub))
	}
	return failure(kind, data)
}

// clean takes secrets out of a text, and where the store is on this machine.
func (c *call) clean(text string) string {
	text = c.w.Scrub(text)
	if proj, err := c.w.Project(); err == nil && proj != nil {
		text = strings.ReplaceAll(text, proj.Path, filepath.Base(proj.Path))
	}
	for _, path := range []string{c.store.Path, c.w.Path(c.store.Ref.Store)} {
		if path != "" {
			text = strings.ReplaceAll(text, path, c.store.Args[0])
		}
	}
	return text
}

func nearOf(near []string, scrub func(string) string) state.Value {
	all := state.NewArray()
	for _, name := range near[:min(len(near), maxNear)] {
		all.Append(value(short(scrub(name), maxKey)))
	}
	return all.Value()
}

// refused is the answer of a call whose arguments are wrong: with all that is wrong.
func (s *Server) refused(kind string, wrongs []wrong) Answer {
	all := state.NewArray()
	for _, w := range wrongs[:min(len(wrongs), maxNear)] {
		one := state.NewObject()
		for _, part := range []struct{ name, text string }{{"argument", w.argument}, {"message", w.message}, {"next", w.next}} {
			if part.text != "" {
				one.Set(part.name, value(short(part.text, maxMessage/3)))
			}
		}
		if len(w.near) > 0 {
			one.Set("near", nearOf(w.near, s.space.Scrub))
		}
		all.Append(one.Value())
	}
	return failure(kind, object("wrong", all))
}

// failure is an answer that says why there is none.
func failure(kind string, data *state.Node) Answer {
	text := object("error", kind, "advice", nil, "data", data)
	if advice := kindAdvice[kind]; advice != "" {
		text.Set("advice", value(advice))
	} else {
		text.Delete("advice")
	}
	return Answer{Failed: true, Text: string(jsonOf(text.Value()))}
}
