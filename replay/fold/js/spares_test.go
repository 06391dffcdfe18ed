package js

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"asof/replay"
	"asof/replay/state"
)

// TestUnreadMakesNoDifference folds an event with and without the parts that a script is said
// not to look at, for all fields and ways to reach them.
func TestUnreadMakesNoDifference(t *testing.T) {
	ways := []string{
		`(s, e) => { s.x = e.KEY }`,
		`(s, e) => { s.x = e.data.KEY }`,
		`(s, e) => { s.x = e['KEY'] }`,
		`(s, e) => { s.x = e["K" + "EY".slice(1)] ?? e['KEY'] }`,
		`(s, { KEY }) => { s.x = KEY }`,
		`(s, { data, KEY: y }) => { s.x = y }`,
		`(s, { data, ...rest }) => { s.x = rest.KEY }`,
		`(s, e) => { const { KEY } = e; s.x = KEY }`,
		`(s, e) => { const f = e; s.x = f.KEY }`,
		`(s, e) => { s.x = look(e) }`,
		`(s, e) => { s.x = [e].map(x => x.KEY)[0] }`,
		`(s, e) => { s.x = { e }.e.KEY }`,
		`(s, e) => { s.x = JSON.stringify({ ...e }) }`,
		`(s, e) => { for (const k in e) if (k === 'KEY') s.x = e[k] }`,
		`(s, e) => { s.x = Object.keys(e).includes('KEY') && Object.values(e).length }`,
		`(s, e = {}) => { s.x = e.KEY }`,
		`(s, ...all) => { s.x = all[0].KEY }`,
		`function (s, e) { s.x = arguments[1].KEY }`,
		`(s, e) => { s.x = e?.KEY }`,
		"(s, e) => { s.x = `${e.KEY}` }",
		`(s, e) => { s.x = new Date().toISOString() }`,
		`(s, e) => { s.x = Date.now() }`,
		`(s, e) => { s.x = e.data.a; s.y = e.type + e.version }`,
		`(s) => { s.x = 1 }`,
	}
	full := replay.Event{
		Stream: "cart-1", Category: "cart", Version: 3, Type: "Added", Position: 7, ID: "id-1", Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Data: []byte(`{"a":1,"KEY":2}`), Meta: replay.Meta{Actor: "ada", Correlation: "c", Causation: "d", Raw: []byte(`{"m":1}`)},
	}
	spared := 0
	for _, key := range slices.Concat(eventKeys, moreKeys) {
		for _, way := range ways {
			for _, frame := range []string{
				`fromAll().when({ $init: () => ({}), Added: %s })`,
				`fromAll().foreachStream().when({ $init: () => ({}), $any: %s })`,
				`(%s)`,
			} {
				text := "function look(x) { return x.KEY }\n" + fmt.Sprintf(frame, way)
				if strings.HasPrefix(frame, "(") {
					text = strings.Replace(text, "=> { ", "=> { s = s ?? {}; ", 1)
				}
				text = strings.ReplaceAll(text, "KEY", key)
				s, err := Load("fold.js", text, Limits{})
				if err != nil {
					t.Fatalf("%s: %v", text, err)
				}
				skip := s.Unread()
				if skip == 0 {
					continue
				}
				spared++
				bare := full
				bare.ID, bare.Time, bare.Meta = "", time.Time{}, replay.Meta{}
				if got, want := foldsTo(t, text, bare), foldsTo(t, text, full); got != want {
					t.Errorf("%s:\nwithout %v it folds to %s, with it to %s", text, skip, got, want)
				}
			}
		}
	}
	if spared < 3*len(strings.Fields(string(placing))) {
		t.Errorf("%d scripts are spared", spared)
	}
}

func foldsTo(t *testing.T, text string, e replay.Event) string {
	t.Helper()
	s, err := Load("fold.js", text, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	st := state.New()
	if err := s.Init(context.Background(), st); err != nil {
		t.Fatal(err)
	}
	_, err = s.Apply(context.Background(), st, &e)
	return fmt.Sprintf("%s, %v", state.AppendJSON(nil, st.Root()), err)
}
