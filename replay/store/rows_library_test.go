package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/apd/v3"

	"asof/fixtures/testmain"
	"asof/replay"
	"asof/replay/fold"
	"asof/replay/state"
	"asof/replay/store/testdb"
)

// An asOf is what a library says of all rows at a time. Rows that do not exist then are
// not in it.
type asOf struct {
	Dialect string
	At      time.Time
	Rows    map[string]map[string]any
}

// sameRow compares the state of a row with a library's. SQLite keeps no scale of
// decimals, so {"number": …} is compared as a number.
func sameRow(got, want any) bool {
	if w, ok := want.(map[string]any); ok {
		if same, special := sameSpecial(got, w); special {
			return same
		}
		if n, ok := w["number"]; ok && len(w) == 1 {
			g, ok := got.(json.Number)
			if text, isText := got.(string); isText { // JSON of a decimal by Rails
				g, ok = json.Number(text), true
			}
			a, _, errA := apd.NewFromString(g.String())
			b, _, errB := apd.NewFromString(n.(string))
			return ok && errA == nil && errB == nil && a.Cmp(b) == 0
		}
		g, ok := got.(map[string]any)
		if !ok || len(g) != len(w) {
			return false
		}
		for name, v := range w {
			if gv, ok := g[name]; !ok || !sameRow(gv, v) {
				return false
			}
		}
		return true
	}
	a, errA := json.Marshal(got)
	b, errB := json.Marshal(want)
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

// sameSpecial compares {"time": DIGITS} to milliseconds, {"json": VALUE} with JSON or its
// text, {"any": true} with anything, and {"bytes": BASE64} with base64 of any length of lines.
func sameSpecial(got any, want map[string]any) (same, special bool) {
	if len(want) != 1 {
		return false, false
	}
	text, _ := got.(string)
	switch {
	case want["time"] != nil:
		digits := strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, text) + "000000000"
		return len(digits) > 17 && digits[:17] == want["time"].(string)[:17], true
	case want["any"] != nil:
		return true, true
	case want["bytes"] != nil:
		return text == want["bytes"], true
	case want["json"] != nil:
		var v any
		if d := json.NewDecoder(strings.NewReader(text)); text != "" {
			d.UseNumber()
			if d.Decode(&v) == nil {
				got = v
			}
		}
		return sameRow(got, want["json"]), true
	}
	return false, false
}

// rowAt returns the state of a stream at a time. A row that does not exist has no columns.
func rowAt(t testing.TB, r replay.Reader, id replay.StreamID, at time.Time) map[string]any {
	t.Helper()
	s := replay.Subject{Timeline: replay.StreamTimeline(r, id), Fold: replay.Fold{Reducer: fold.Merge()}}
	m, _, err := s.Timeline.Resolve(t.Context(), replay.AtTime(at))
	if err != nil {
		t.Fatal(err)
	}
	v, _, err := s.StateAt(t.Context(), m)
	if err != nil {
		t.Fatalf("%s at %s: %v", id, at, err)
	}
	var row map[string]any
	d := json.NewDecoder(bytes.NewReader(state.AppendJSON(nil, v)))
	d.UseNumber()
	if err := d.Decode(&row); err != nil {
		t.Fatal(err)
	}
	return row
}

// stateAfter returns the state of a row after one of its versions, as JSON.
func stateAfter(t testing.TB, r replay.Reader, id replay.StreamID, v replay.Version) string {
	t.Helper()
	s := replay.Subject{Timeline: replay.StreamTimeline(r, id), Fold: replay.Fold{Reducer: fold.Merge()}}
	m, _, err := s.Timeline.Resolve(t.Context(), replay.AtVersion(v))
	if err != nil {
		t.Fatal(err)
	}
	after, _, err := s.StateAt(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	return string(state.AppendJSON(nil, after))
}

// compareAsOf compares the state of every row with what a library says.
func compareAsOf(t testing.TB, open func(dialect string) replay.Reader, answers []byte) {
	t.Helper()
	var all []asOf
	d := json.NewDecoder(bytes.NewReader(answers))
	d.UseNumber()
	if err := d.Decode(&all); err != nil {
		t.Fatal(err)
	}
	readers := map[string]replay.Reader{}
	streams := map[string][]replay.StreamID{}
	failed := 0
	for _, a := range all {
		r := readers[a.Dialect]
		if r == nil {
			r = open(a.Dialect)
			readers[a.Dialect] = r
			for s, err := range r.Streams(t.Context(), replay.StreamQuery{}) {
				if err != nil {
					t.Fatal(err)
				}
				streams[a.Dialect] = append(streams[a.Dialect], s.ID)
			}
		}
		seen := 0
		for _, id := range streams[a.Dialect] {
			got, want := rowAt(t, r, id, a.At), a.Rows[string(id)]
			if want != nil {
				seen++
			}
			if len(got) == 0 && len(want) == 0 || sameRow(any(got), any(want)) {
				continue
			}
			if failed++; failed < 5 {
				t.Errorf("%s: %s at %s is %v, and the library says %v", a.Dialect, id, a.At, got, want)
			}
		}
		if seen != len(a.Rows) {
			t.Errorf("%s at %s: %d rows of %d are streams", a.Dialect, a.At, seen, len(a.Rows))
		}
	}
	if failed > 4 {
		t.Errorf("%d rows differ", failed)
	}
	if len(all) == 0 {
		t.Error("the library reports nothing")
	}
}

// TestLibrariesAgree writes random row histories with the libraries themselves, if they
// are installed, and compares the state of every row with their own answers. They write
// to a new file, at times around each version.
func TestLibrariesAgree(t *testing.T) {
	for _, c := range []struct {
		name   string
		script string
		has    []string // a command that fails without the library
		run    []string
	}{
		{"paper_trail", "paper_trail_rows.rb", []string{"ruby", "-e", `require "paper_trail"; require "sqlite3"`}, []string{"ruby"}},
		{"django", "django_rows.py", []string{"/usr/bin/python3", "-c", "import simple_history, reversion"}, []string{"/usr/bin/python3"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if exec.CommandContext(t.Context(), c.has[0], c.has[1:]...).Run() != nil {
				t.Skip("the library is not installed")
			}
			seed := fmt.Sprint(testmain.Seed(t) % 1_000_000)
			dir := t.TempDir()
			path, answers := filepath.Join(dir, "store.db"), filepath.Join(dir, "answers.json")
			args := append(c.run[1:len(c.run):len(c.run)], filepath.Join("testdata", c.script), path, answers, seed)
			if out, err := exec.CommandContext(t.Context(), c.run[0], args...).CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			said, err := os.ReadFile(answers)
			if err != nil {
				t.Fatal(err)
			}
			compareAsOf(t, func(dialect string) replay.Reader { return mustOpen(t, path, Options{Dialect: dialect}) }, said)
		})
	}
}

// TestRealSimpleHistory compares a real file with the library's own answers about it.
func TestRealSimpleHistory(t *testing.T) {
	said, err := os.ReadFile(realStore(t, "row_simple_history.asof.json"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		T       time.Time
		ID      int
		Owner   string
		Balance string
		Tags    map[string]any
	}
	if err := json.Unmarshal(said, &rows); err != nil || len(rows) == 0 {
		t.Fatal(err)
	}
	r := mustOpen(t, realStore(t, "row_simple_history.sqlite"), Options{Dialect: "simple-history"})
	for _, want := range rows {
		got := rowAt(t, r, replay.StreamID(fmt.Sprint("app_account/", want.ID)), want.T)
		tags, err := json.Marshal(want.Tags)
		if err != nil {
			t.Fatal(err)
		}
		have, err := json.Marshal(got["tags"])
		if err != nil {
			t.Fatal(err)
		}
		if got["owner"] != want.Owner || !sameRow(got["balance"], map[string]any{"number": want.Balance}) || !bytes.Equal(tags, have) {
			t.Errorf("%v, want %v", got, want)
		}
	}
}

// TestRowHistoriesYield checks that an application's event store is read even if the
// database has row histories too, and that these are mentioned.
func TestRowHistoriesYield(t *testing.T) {
	path := realStore(t, "row_simple_history.sqlite")
	if _, err := Open(t.Context(), path, Options{}); err == nil || !strings.Contains(err.Error(), "simple-history, reversion") {
		t.Errorf("two histories: %v", err)
	}
	edit(t, path, strings.Split(testdb.NativeDDL, "PRAGMA")[0])
	info := mustOpen(t, path, Options{}).Info()
	if info.Dialect != "asof-sqlite" || !strings.Contains(info.Recognised, "a separate store: simple-history, reversion") {
		t.Errorf("%s: %s", info.Dialect, info.Recognised)
	}
}

// TestKeylessVersions leaves out versions without a key and counts them.
func TestKeylessVersions(t *testing.T) {
	path := written(t, "simple-history", "", history(60))
	edit(t, path, "CREATE TABLE kept AS SELECT * FROM shop_historicalcart", "DROP TABLE shop_historicalcart",
		"ALTER TABLE kept RENAME TO shop_historicalcart", "UPDATE shop_historicalcart SET id = NULL WHERE history_id < 4")
	r := mustOpen(t, path, Options{})
	s, err := r.Summary(t.Context())
	if err != nil || s.Events != 57 || !strings.Contains(strings.Join(s.LeftOut, "; "), "3 versions without a key in shop_historicalcart") {
		t.Errorf("%d events, left out %q, %v", s.Events, s.LeftOut, err)
	}
}

// TestRealPaperTrail compares a real file with its own object and live rows: the state
// after a version is the object of the next one.
func TestRealPaperTrail(t *testing.T) {
	r := mustOpen(t, realStore(t, "row_paper_trail.sqlite"), Options{})
	if got := r.Info().Dialect; got != "paper-trail" {
		t.Fatalf("detected as %s", got)
	}
	var last *replay.Event
	n := 0
	for _, e := range events(t, r, replay.Query{Order: replay.ByStream}) {
		if n++; e.Opaque != "" || e.Meta.Actor != "7" {
			t.Errorf("%s: %s, by %s", e.Moment().Label(), e.Opaque, e.Meta.Actor)
		}
		last = e
	}
	const want = `{"id":3,"name":"w2","price":3.25,"qty":42,"created_at":"2026-11-28 16:00:05.340474000 Z","updated_at":"2026-11-28 16:00:05.961975000 Z"}`
	if n != 16 || last.Type != "delete" || string(last.Data) != want {
		t.Errorf("%d versions, the last is %s %s", n, last.Type, last.Data)
	}
}

// TestActivities reads what an activity of version 5 of the library says, and
// one without a change.
func TestActivities(t *testing.T) {
	path := written(t, "activitylog", "", history(20))
	edit(t, path, "ALTER TABLE activity_log ADD COLUMN attribute_changes json",
		`INSERT INTO activity_log(id, description, event, subject_type, subject_id, properties, attribute_changes)
			VALUES(100, 'd', 'updated', 'Post', '1', '{"why": 1, "old": 3}', '{"attributes": {"a": null}, "old": {"a": 1}}')`,
		`INSERT INTO activity_log(id, description, subject_type, subject_id, properties) VALUES(101, 'viewed', 'Post', '1', '[]')`,
		`INSERT INTO activity_log(id, description, subject_type, subject_id, properties) VALUES(102, 'shared', 'Post', '1', '{"with": "ann"}')`,
		`INSERT INTO activity_log(id, description, event, subject_type, subject_id, properties)
			VALUES(103, 'd', 'updated', 'Post', '1', '{"ip": "::1", "attributes": {"a": 2}, "n": [1], "old": {"a": null}}')`,
		`INSERT INTO activity_log(id, description, event, subject_type, subject_id, properties)
			VALUES(104, 'd', 'updated', 'Post', '1', '{"attributes": {"a": 3}, "old": {"a": 2}}')`)
	r := mustOpen(t, path, Options{})
	all := events(t, r, replay.Query{Streams: []replay.StreamID{"Post/1"}})
	if len(all) != 5 || string(all[3].Data) != `{"a":2}` || string(all[0].Data) != `{"a":null}` || all[0].Type != "update" || string(all[1].Data) != "{}" || all[1].Type != "viewed" {
		t.Errorf("%+v", all)
	}
	for i, want := range []string{`{"why": 1, "old": 3}`, "", `{"with": "ann"}`, `{"ip":"::1","n":[1]}`, ""} {
		var meta struct{ Properties string }
		if bytes.Contains(all[i].Meta.Raw, []byte("beside")) {
			t.Errorf("the metadata is %s", all[i].Meta.Raw)
		}
		if err := json.Unmarshal(all[i].Meta.Raw, &meta); err != nil || meta.Properties != want {
			t.Errorf("the metadata of %s is %s, %v", all[i].Type, all[i].Meta.Raw, err)
		}
	}
	s, err := r.Summary(t.Context())
	if err != nil || !strings.Contains(strings.Join(s.LeftOut, "; "), "1 version without a key in activity_log") {
		t.Errorf("left out %q, %v", s.LeftOut, err)
	}
}

// TestEnversModifiedFlags checks that the columns of the strategies are none of the row,
// and that a composite key names the stream.
func TestEnversModifiedFlags(t *testing.T) {
	path := written(t, "envers", "validity", history(20))
	edit(t, path, "CREATE TABLE line_AUD(order_id integer, nr integer, REV integer, REVTYPE integer, REVEND integer, qty integer, qty_MOD boolean, b_mod text, PRIMARY KEY(order_id, nr, REV))",
		"INSERT INTO REVINFO VALUES(900, 1772355600123, 'ann')", "INSERT INTO line_AUD VALUES(7, 2, 900, 0, NULL, 3, 1, 'x/y')")
	all := events(t, mustOpen(t, path, Options{}), replay.Query{Streams: []replay.StreamID{"line/7/2"}})
	if len(all) != 1 || string(all[0].Data) != `{"order_id":7,"nr":2,"qty":3,"b_mod":"x/y"}` || all[0].Meta.Actor != "ann" ||
		all[0].Time.UnixMilli() != 1772355600123 || all[0].Meta.Correlation != "900" {
		t.Errorf("%+v", all)
	}
}
