package ask_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"asof/fixtures/sqlitefile"
	"asof/inspect/ask"
	"asof/replay"
	"asof/replay/workspace"
)

// TestQueriesTrustNoStaleState asks about a long stream whose states are kept: in the store
// as it was, after it has grown, and after an event was changed.
func TestQueriesTrustNoStaleState(t *testing.T) {
	const long = 8_000
	dir := t.TempDir()
	write := func(events int, changed string) {
		t.Helper()
		var all []replay.Event
		for i := range events {
			data := fmt.Sprintf(`{"i":%d,"k%d":1}`, i, i%5)
			if i == 100 && changed != "" {
				data = changed
			}
			all = append(all, replay.Event{
				Stream: "cart-1", Category: "cart", Version: replay.Version(i + 1), Position: replay.Position(i + 1), ID: fmt.Sprint("id-", i), Type: "T",
				Time: replay.Event{}.Time.AddDate(2025, 0, i/60), Data: []byte(data),
			})
		}
		path := filepath.Join(dir, "shop.db")
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
		if err := sqlitefile.WriteNative(t.Context(), path, slices.Values(all)); err != nil {
			t.Fatal(err)
		}
	}
	fold := `s.n = (s.n || 0) + 1; if (e.data.odd) s.odd = e.data.odd`
	cache := t.TempDir()
	cached := workspace.New(workspace.Host{Dir: dir}, workspace.Options{CacheDir: cache})
	defer cached.Close()
	fresh := workspace.New(workspace.Host{Dir: dir}, workspace.Options{NoCache: true})
	defer fresh.Close()
	answers := func(w *workspace.Workspace) string {
		var out []string
		for _, sql := range []string{
			"SELECT version, state, error FROM state WHERE stream = 'cart-1'",
			"SELECT version, state FROM state('pos:7600') WHERE stream = 'cart-1'",
			"SELECT version, n, until_time FROM state_history WHERE stream = 'cart-1' AND version > 7990",
			"SELECT version, path, \"to\" FROM state_changes WHERE stream = 'cart-1' AND position > 7995",
		} {
			q := ask.Query{SQL: sql}
			q.Store, q.Fold = "shop.db", fold
			for row, err := range q.Ask(context.Background(), w.Begin(func(n replay.Notice) { out = append(out, n.Text) })) {
				out = append(out, fmt.Sprint(row.Values, err))
			}
		}
		return strings.Join(out, "\n")
	}
	for _, store := range []struct {
		events  int
		changed string
	}{{long, ""}, {long, ""}, {long + 10, ""}, {long + 10, `{"odd":"yes"}`}} {
		write(store.events, store.changed)
		for range 2 {
			if got, want := answers(cached), answers(fresh); got != want {
				t.Fatalf("%v: with kept states:\n%s\nwithout:\n%s", store, got, want)
			}
		}
	}
	info, err := ask.CacheInfo{}.Ask(context.Background(), cached)
	if err != nil || info.States == 0 {
		t.Errorf("no state is kept: %+v, %v", info, err)
	}
}

// TestKeptStatesChangeNoWarning: a fold warns of the same events, in the same order, where
// the states of several long streams are kept, whichever of the streams is asked for first.
func TestKeptStatesChangeNoWarning(t *testing.T) {
	const long = 5200
	dir := t.TempDir()
	var all []replay.Event
	for i := range long {
		for _, stream := range []replay.StreamID{"cart-2", "cart-1"} {
			n := len(all) + 1
			all = append(all, replay.Event{
				Stream: stream, Category: "cart", Version: replay.Version(i + 1), Position: replay.Position(n), ID: fmt.Sprint("id-", n), Type: "T",
				Time: replay.Event{}.Time.AddDate(2025, 0, i/60), Data: fmt.Appendf(nil, `{"a":%d.%d}`, i%9, i%7+1),
			})
		}
	}
	if err := sqlitefile.WriteNative(t.Context(), filepath.Join(dir, "shop.db"), slices.Values(all)); err != nil {
		t.Fatal(err)
	}
	fold := `s.n = (s.n || 0) + 1; if (e.version > (e.stream === 'cart-1' ? 5100 : 3000)) s.sum = (s.sum || 0) + e.data.a`
	answer := func(o workspace.Options, sql string) (rows, notes []string) {
		w := workspace.New(workspace.Host{Dir: dir}, o)
		defer w.Close()
		q := ask.Query{SQL: sql}
		q.Store, q.Fold = "shop.db", fold
		for row, err := range q.Ask(context.Background(), w.Begin(func(n replay.Notice) { notes = append(notes, n.Text) })) {
			rows = append(rows, fmt.Sprint(row.Values, err))
		}
		return rows, notes
	}
	for _, sql := range []string{
		"SELECT stream, state FROM state WHERE stream IN ('cart-1', 'cart-2') ORDER BY stream",
		"SELECT stream, state FROM state WHERE stream IN ('cart-1', 'cart-2') ORDER BY stream DESC",
		"SELECT a.state, b.n FROM state a CROSS JOIN state_history b WHERE a.stream = 'cart-1' AND b.stream = 'cart-2' AND b.version > 5195",
	} {
		cache := t.TempDir()
		wantRows, wantNotes := answer(workspace.Options{NoCache: true}, sql)
		if !strings.Contains(strings.Join(wantNotes, "\n"), " rounds to ") {
			t.Errorf("%s: no warning in %q", sql, wantNotes)
		}
		for range 2 {
			rows, notes := answer(workspace.Options{CacheDir: cache}, sql)
			if !slices.Equal(rows, wantRows) || !slices.Equal(notes, wantNotes) {
				t.Errorf("%s\nwith kept states:\n%s\n%s\nwithout:\n%s\n%s", sql, rows, strings.Join(notes, "\n"), wantRows, strings.Join(wantNotes, "\n"))
			}
		}
	}
}
