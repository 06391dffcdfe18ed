package mcp

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"asof/replay/state"
)

// forms of a call about a stream, by tool: arguments that go with its point. A tool without
// a row is asked with nothing else.
var pointForms = map[string][]map[string]any{
	"read_events": {{}, {"changes": true, "newest_first": true}, {"path": "/total"}},
	"state_at":    {{}, {"path": "/total"}, {"edits": []any{map[string]any{"kind": "drop", "events": "head"}}}},
	"diff_states": {{}, {"path": "/total"}, {"other_stream": "cart-44"}},
	"find_change": {{"bad": "state.total < 0"}, {"good": "!(state.total % 3 < 1)"}},
	"blame":       {{}, {"path": "/total", "history": true}, {"removed": true}, {"path": "/total", "why": true}},
}

// pointArguments returns the arguments of a tool that name a point or range, and whether
// it takes the range.
func pointArguments(t *tool, point string) (arguments map[string]any, takes bool) {
	from, to, isRange := strings.Cut(point, "..")
	one, takesOne := "", false
	for _, text := range t.params {
		if name, _, _ := paramName(text); name == "at" || name == "to" {
			one, takesOne = name, name == "at"
		}
	}
	switch ranges := t.param(one).form == asRange; {
	case !isRange:
		return map[string]any{one: point}, true
	case takesOne:
		return map[string]any{one: point}, ranges
	}
	return map[string]any{"from": cmp.Or(from, "start"), "to": cmp.Or(to, "head")}, true
}

// TestPointsAreWrittenAlike asks every tool about a stream, with the point after the
// stream's @ and as an argument. Both are answered alike, and the calls that the answers
// suggest are answered too.
func TestPointsAreWrittenAlike(t *testing.T) {
	s := newServer(t, Options{MaxBytes: 1 << 20, MaxRows: 3}, "shop.db")
	id := strings.Trim(asked(t, s, "read_events", `{"stream":"cart-42","at":"9..10"}`).at("/data/events/0/id"), `"`)
	points := []string{
		"10", "head~3", "id:" + id[:8], "type:CouponApplied", "pos:900", "2026-01-23 12:00", "2026-06-01",
		"5..10", "..head~1", "type:CartOpened..28", "2026-01-22..2026-06-01", "start..id:" + id,
	}
	for _, tool := range tools {
		if _, _, required := paramName(tool.params[0]); !required && tool.name != "read_events" || tool.name == "query" {
			continue // it is about the whole store
		}
		forms := pointForms[tool.name]
		if forms == nil {
			forms = []map[string]any{{}}
		}
		for _, form := range forms {
			for _, point := range points {
				alike(t, s, tool, form, "cart-42", point)
			}
			for _, point := range []string{"pos:900", "2026-01-23~1", "pos:700..pos:900"} {
				alike(t, s, tool, form, "proj:sales/eu", point)
			}
			if of := asked(t, s, tool.name, callOf(form, "stream", "id:"+id)); of.at("/data") != asked(t, s, tool.name, callOf(form, "stream", "cart-42@10")).at("/data") {
				t.Errorf("%s %v: the stream of an event is answered %s", tool.name, form, of.Text)
			}
		}
	}
}

// callOf writes the arguments of a call, with more of them.
func callOf(form map[string]any, more ...any) string {
	form = maps.Clone(form)
	for i := 0; i < len(more); i += 2 {
		form[more[i].(string)] = more[i+1]
	}
	return string(mustJSON(form))
}

func alike(t *testing.T, s *Server, tool *tool, form map[string]any, stream, point string) {
	t.Helper()
	arguments, takes := pointArguments(tool, point)
	takes = takes && (form["why"] == nil || !strings.Contains(point, ".."))
	if _, two := form["other_stream"]; two && !takes || two && strings.Contains(point, "..") {
		return
	} else if two { // the point of the stream, and not that of the other
		arguments = map[string]any{"from": point}
	}
	maps.Copy(arguments, form)
	apart := asked(t, s, tool.name, callOf(arguments, "stream", stream))
	after := asked(t, s, tool.name, callOf(form, "stream", stream+"@"+point))
	if !takes {
		for _, a := range []answered{apart, after} {
			if !a.Failed || !strings.Contains(a.Text, "is a range") || !strings.Contains(a.Text, "name one point") {
				t.Errorf("%s %v of %s at the range %s is answered %s", tool.name, form, stream, point, a.Text)
			}
		}
		return
	}
	if apart.Failed != after.Failed || apart.at("/data") != after.at("/data") || apart.Failed && !sameFailure(apart, after) {
		t.Errorf("%s %v of %s: %s as an argument is answered\n%s%s\nand after the @\n%s%s", tool.name, form, stream, point, apart.Text, apart.at("/data"), after.Text, after.at("/data"))
		return
	}
	followed(t, s, fmt.Sprintf("%s %s@%s", tool.name, stream, point), apart)
	followed(t, s, fmt.Sprintf("%s %s@%s", tool.name, stream, point), after)
	if point != "10" {
		return
	}
	if both := asked(t, s, tool.name, callOf(arguments, "stream", stream+"@"+point)); !both.Failed || !strings.Contains(both.Text, "write one of them") {
		t.Errorf("%s: the point %s twice is answered %s", tool.name, point, both.Text)
	}
}

// sameFailure reports whether two calls failed in the same way, and that way is theirs: a
// state that lacks a path, or a condition that throws.
func sameFailure(a, b answered) bool {
	kind := func(a answered) string {
		var x struct{ Error string }
		_ = json.Unmarshal([]byte(a.Text), &x)
		return x.Error
	}
	return kind(a) == kind(b) && slices.Contains([]string{"no_path", "fold_failed", "no_event", "no_point", "usage"}, kind(a))
}

// followed makes the calls that an answer suggests, but those about the whole store, which
// have no stream.
func followed(t *testing.T, s *Server, where string, a answered) {
	t.Helper()
	if a.Failed {
		return
	}
	next, err := state.Lookup(a.value, "/about/next")
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range next.Node().Elems() {
		tool, arguments := one.Node().Get("tool").Text(), string(jsonOf(one.Node().Get("arguments")))
		if tool == "check" {
			continue
		}
		if b := asked(t, s, tool, arguments); b.Failed && !strings.Contains(b.Text, `"error":"fold_failed"`) {
			t.Errorf("%s: the next call %s %s is answered %s", where, tool, arguments, b.Text)
		}
	}
}

// TestOtherStreamHasItsPoint compares two streams, each with its point in each place.
func TestOtherStreamHasItsPoint(t *testing.T) {
	s := newServer(t, Options{MaxRows: 1}, "shop.db")
	want := asked(t, s, "diff_states", `{"stream":"cart-42","from":"10","other_stream":"cart-44","to":"5"}`)
	if want.Failed {
		t.Fatal(want.Text)
	}
	for _, arguments := range []string{
		`{"stream":"cart-42@10","other_stream":"cart-44@5"}`,
		`{"stream":"cart-42@10","other_stream":"cart-44","to":"5"}`,
		`{"stream":"cart-42","from":"10","other_stream":"cart-44@5"}`,
		`{"stream":"cart-42@type:CouponApplied","other_stream":"cart-44@start~0","to":"5"}`,
	} {
		a := asked(t, s, "diff_states", arguments)
		if strings.Contains(arguments, "start") {
			if !a.Failed || !strings.Contains(a.Text, "write one of them") {
				t.Errorf("a point that is given twice is answered %s", a.Text)
			}
			continue
		}
		if a.Failed || a.at("/data") != want.at("/data") {
			t.Errorf("%s is answered %s%s, want %s", arguments, a.Text, a.at("/data"), want.at("/data"))
		}
		followed(t, s, arguments, a)
	}
	same := asked(t, s, "diff_states", `{"stream":"cart-42@10","other_stream":"@28"}`)
	if same.at("/data/changes") != asked(t, s, "diff_states", `{"stream":"cart-42@10..28"}`).at("/data/changes") {
		t.Errorf("another point of the same stream is answered %s%s", same.Text, same.at("/data"))
	}
	followed(t, s, "@28", same)
}
