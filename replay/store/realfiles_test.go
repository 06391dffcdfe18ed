package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"asof/replay"
	"asof/replay/store/cell"
	"asof/replay/store/testdb"
)

// realStore returns the path of a copy of a file written by a real library, or skips the
// test if there are none.
func realStore(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "stores", name))
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("no real store files here")
	}
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func key32() []byte {
	k := make([]byte, 32)
	for i := range k {
		k[i] = byte(i)
	}
	return k
}

func mustOpen(t testing.TB, path string, o Options) replay.Reader {
	t.Helper()
	r, err := Open(context.Background(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// events returns the events that match q.
func events(t testing.TB, r replay.Reader, q replay.Query) []*replay.Event {
	t.Helper()
	var out []*replay.Event
	for e, err := range r.Events(context.Background(), q) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, e.Clone())
	}
	return out
}

// sqlColumn reads one column with plain SQL, through another driver.
func sqlColumn(t testing.TB, path, query string) []string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?immutable=1")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRealStores(t *testing.T) {
	const py, emmett = "eventsourcing-sqlite", "emmett-sqlite"
	for _, c := range []struct {
		file, dialect     string
		events, snapshots int64
		streams           int64
		categories        string
		types             string
		key               []byte
	}{
		{"py_bank.sqlite", py, 453, 0, 12, "BankAccount", "", nil},
		{"py_bank_zlib.sqlite", py, 453, 0, 12, "BankAccount", "", nil},
		{"py_bank_aes.sqlite", py, 453, 0, 12, "BankAccount", "", key32()},
		{"py_dogschool_snapshots.sqlite", py, 228, 19, 8, "Dog", "Registered,TrickAdded", nil},
		{"py_upcast.sqlite", py, 30, 30, 30, "Book", "Created,Created,Created", nil},
		{"py_pydantic.sqlite", py, 130, 10, 10, "Dog", "Registered,TrickAdded", nil},
		{"emmett_carts.sqlite", emmett, 319, 0, 31, "edge,shopping_cart", "", nil},
	} {
		t.Run(c.file, func(t *testing.T) {
			path := realStore(t, c.file)
			before := testdb.Folder(t, filepath.Dir(path))
			r := mustOpen(t, path, Options{CipherKey: c.key})
			if got := r.Info().Dialect; got != c.dialect {
				t.Fatalf("dialect %s, want %s", got, c.dialect)
			}
			s, err := r.Summary(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if s.Events != c.events || s.Snapshots != c.snapshots || s.Streams != c.streams {
				t.Errorf("%d events in %d streams and %d snapshots, want %d, %d and %d",
					s.Events, s.Streams, s.Snapshots, c.events, c.streams, c.snapshots)
			}
			if got := strings.Join(s.Categories, ","); got != c.categories {
				t.Errorf("categories %s, want %s", got, c.categories)
			}
			var types []string
			for _, ty := range s.Types {
				types = append(types, ty.Type)
			}
			if got := strings.Join(types, ","); c.types != "" && got != c.types {
				t.Errorf("types %s, want %s", got, c.types)
			}
			if s.FirstTime.IsZero() || s.LastTime.Before(s.FirstTime) {
				t.Errorf("times %v … %v", s.FirstTime, s.LastTime)
			}
			checkAgainstSQL(t, r, path, c.dialect, s.Streams)
			if after := testdb.Folder(t, filepath.Dir(path)); after != before {
				t.Errorf("reading left traces:\n%s\nwas\n%s", after, before)
			}
		})
	}
}

func checkAgainstSQL(t *testing.T, r replay.Reader, path, dialect string, streams int64) {
	t.Helper()
	table, order, name := "stored_events", "rowid", "originator_id || '@' || originator_version"
	if dialect == "emmett-sqlite" {
		table, order, name = "emt_messages", "global_position", "stream_id || '@' || stream_position"
	}
	want := sqlColumn(t, path, "SELECT "+name+" FROM "+table+" ORDER BY "+order)
	all := events(t, r, replay.Query{})
	var got []string
	for _, e := range all {
		got = append(got, e.Moment().Stream+"@"+itoa(int64(e.Version)))
		if !json.Valid(e.Data) || e.Opaque != "" {
			t.Fatalf("payload of %s: %s %s", e.Moment().Label(), e.Opaque, e.Data)
		}
		if !json.Valid(e.Meta.Raw) {
			t.Fatalf("metadata of %s: %s", e.Moment().Label(), e.Meta.Raw)
		}
		if e.Time.IsZero() {
			t.Fatalf("%s has no time", e.Moment().Label())
		}
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("events by position differ from SQL's")
	}
	byStream := events(t, r, replay.Query{Order: replay.ByStream})
	if len(byStream) != len(all) {
		t.Errorf("%d events by stream, %d by position", len(byStream), len(all))
	}
	n, last := int64(0), ""
	for s, err := range r.Streams(context.Background(), replay.StreamQuery{}) {
		if err != nil {
			t.Fatal(err)
		}
		n++
		if string(s.ID) <= last {
			t.Errorf("stream %s comes after stream %s", s.ID, last)
		}
		last = string(s.ID)
		one := events(t, r, replay.Query{Streams: []replay.StreamID{s.ID}})
		if int64(len(one)) != s.Events || one[0].Version != s.First || one[len(one)-1].Version != s.Last ||
			!one[0].Time.Equal(s.FirstTime) || !one[len(one)-1].Time.Equal(s.LastTime) || s.Category != one[0].Category {
			t.Errorf("stream %+v does not match its %d events", s, len(one))
		}
		for i, e := range one {
			if b := byStream[0]; b.Stream != e.Stream || b.Version != e.Version || string(b.Data) != string(e.Data) {
				t.Fatalf("event %d of %s differs by stream", i, s.ID)
			}
			byStream = byStream[1:]
		}
	}
	if n != streams {
		t.Errorf("%d streams, the summary says %d", n, streams)
	}
}

func TestBankPayloads(t *testing.T) {
	for _, c := range []struct {
		file string
		key  []byte
	}{{"py_bank.sqlite", nil}, {"py_bank_zlib.sqlite", nil}, {"py_bank_aes.sqlite", key32()}} {
		r := mustOpen(t, realStore(t, c.file), Options{CipherKey: c.key})
		for _, e := range events(t, r, replay.Query{}) {
			var fields map[string]json.RawMessage
			if err := json.Unmarshal(e.Data, &fields); err != nil {
				t.Fatal(err)
			}
			for _, own := range []string{"timestamp", "originator_topic", "class_version"} {
				if _, ok := fields[own]; ok {
					t.Fatalf("%s is still in the payload: %s", own, e.Data)
				}
			}
			if a, ok := fields["amount"]; ok && !cell.IsNumber(a) {
				t.Fatalf("amount %s is not a number", a)
			}
			if strings.Contains(string(e.Data), "_type_") {
				t.Fatalf("%s is still wrapped", e.Data)
			}
		}
	}
}

func TestEncryptedStoreWithoutItsKey(t *testing.T) {
	path := realStore(t, "py_bank_aes.sqlite")
	wrong := key32()
	wrong[0] = 99
	for name, key := range map[string][]byte{"no key": nil, "wrong key": wrong} {
		r := mustOpen(t, path, Options{CipherKey: key})
		if got := strings.Join(r.Info().LeftOut, "\n"); !strings.Contains(got, "encrypted") {
			t.Errorf("%s: info does not say that payloads are encrypted: %q", name, got)
		}
		if i := r.Info(); i.Has("times") || !slices.Contains(i.Lacks, "times") {
			t.Errorf("%s: info promises times that are encrypted: %+v", name, i)
		}
		all := events(t, r, replay.Query{})
		if len(all) != 453 {
			t.Errorf("%s: %d events", name, len(all))
		}
		for _, e := range all {
			if !strings.Contains(e.Opaque, "CIPHER_KEY") || e.Data != nil {
				t.Fatalf("%s: opaque %q, data %q", name, e.Opaque, e.Data)
			}
		}
	}
	if _, err := Open(context.Background(), path, Options{CipherKey: []byte("short")}); err == nil {
		t.Error("a key of five bytes is accepted")
	}
}

func TestRevisions(t *testing.T) {
	r := mustOpen(t, realStore(t, "py_upcast.sqlite"), Options{})
	n := map[int]int{}
	for _, e := range events(t, r, replay.Query{}) {
		n[e.Revision]++
	}
	if n[1] != 10 || n[2] != 10 || n[3] != 10 {
		t.Errorf("events by revision: %v, want ten each of 1, 2 and 3", n)
	}
}

func TestEmmettEnvelope(t *testing.T) {
	r := mustOpen(t, realStore(t, "emmett_carts.sqlite"), Options{Metadata: Metadata{Actor: []string{"/user", "/clientId"}}})
	e := events(t, r, replay.Query{Limit: 1})[0]
	if e.ID == "" || e.Meta.Correlation == "" || !strings.HasPrefix(e.Meta.Actor, "client-") || e.Position != 1 || e.Revision != 0 {
		t.Errorf("first event %+v", e)
	}
	found := events(t, r, replay.Query{IDPrefix: strings.ToUpper(e.ID[:10])})
	if len(found) != 1 || found[0].ID != e.ID {
		t.Errorf("by id: %+v", found)
	}
}
