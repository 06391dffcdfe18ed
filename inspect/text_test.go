package inspect_test

import (
	"context"
	"slices"
	"strconv"
	"testing"

	"asof/fixtures"
	"asof/inspect"
	"asof/replay"
	"asof/replay/fold/js"
	"asof/replay/state"
	"asof/replay/store/storetest"
)

func textSubject(t *testing.T, h fixtures.TextHistory, script string) (replay.Subject, replay.Interval) {
	t.Helper()
	r, err := js.Load("text.js", script, js.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	s := replay.Subject{Timeline: replay.StreamTimeline(storetest.Memory(h.Events), fixtures.TextStream)}
	s.Fold.Reducer = r
	return s, between(s, 0, len(h.Events))
}

// TestBlameCharacters blames each character of a text on the event that put it there.
// The right answer comes from the edits, not from a fold.
func TestBlameCharacters(t *testing.T) {
	h := fixtures.Text(800)
	s, i := textSubject(t, h, fixtures.CharactersFold)
	b, err := inspect.Blame(context.Background(), s, i, "/chars")
	if err != nil {
		t.Fatal(err)
	}
	var final string
	n := 0
	b.Each(func(p inspect.PathBlame) bool {
		if p.Path != "/chars/"+strconv.Itoa(n) || p.By.Event == nil || p.By.Event.Version != h.Inserted[n] {
			t.Fatalf("%s was set by %v, not by %d", p.Path, p.By.Event, h.Inserted[n])
		}
		if p.How != inspect.HowSet {
			t.Fatalf("%s: %s", p.Path, p.How)
		}
		final += p.Value.Text()
		n++
		return true
	})
	if final != h.Final {
		t.Errorf("the text is %q, not %q", final, h.Final)
	}
	// A character has one event in its history: the one that put it there.
	for _, at := range []int{0, n / 3, n - 1} {
		tokens := []string{"chars", strconv.Itoa(at)}
		var got []replay.Version
		for e, err := range inspect.History(context.Background(), s, i, state.Path{Pointer: inspect.Pointer(tokens)}, nil) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, e.Event.Version)
		}
		if !slices.Equal(got, []replay.Version{h.Inserted[at]}) {
			t.Errorf("the history of character %d is %v, not %d", at, got, h.Inserted[at])
		}
	}
}

// TestHistoryOfText finds the event that set each character of a string from the history
// of the string alone: old and new differ in one run of characters.
func TestHistoryOfText(t *testing.T) {
	h := fixtures.Text(500)
	s, i := textSubject(t, h, fixtures.TextFold)
	var back []*inspect.Entry
	for e, err := range inspect.History(context.Background(), s, i, state.Path{Pointer: "/text"}, nil) {
		if err != nil {
			t.Fatal(err)
		}
		back = append(back, e)
	}
	if len(back) != len(h.Events) {
		t.Fatalf("%d events in the history, not %d", len(back), len(h.Events))
	}
	var by []replay.Version
	text := ""
	for _, e := range slices.Backward(back) {
		if len(e.Here) != 1 || e.Here[0].From.Text() != text {
			t.Fatalf("%d: the text was %q, not %v", e.Event.Version, text, e.Here)
		}
		old, new := []rune(text), []rune(e.Here[0].To.Text())
		pre, post := 0, 0
		for pre < min(len(old), len(new)) && old[pre] == new[pre] {
			pre++
		}
		for post < min(len(old), len(new))-pre && old[len(old)-1-post] == new[len(new)-1-post] {
			post++
		}
		added := slices.Repeat([]replay.Version{e.Event.Version}, len(new)-pre-post)
		by = slices.Replace(by, pre, len(old)-post, added...)
		text = string(new)
	}
	if text != h.Final || !slices.Equal(by, h.Inserted) {
		t.Errorf("the text is %q, by %v", text, by)
	}
	b, err := inspect.Blame(context.Background(), s, i, "/text")
	if err != nil {
		t.Fatal(err)
	}
	if last := b.Root().Last().Event; b.State.Kind() != state.String || last.Version != replay.Version(len(h.Events)) {
		t.Errorf("the string is of %v", last)
	}
}
