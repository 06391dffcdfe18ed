package workspace

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"os"
	"slices"
	"strings"
	"time"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/place"
	"asof/replay/project"
	"asof/replay/store"
)

// A StoreRef names a store and says how to open it. Empty fields come from asof.toml
// or are detected.
type StoreRef struct {
	Store    string            `json:"store" jsonschema:"a name from asof.toml, a path, or a connection string"`
	Dialect  string            `json:"dialect,omitempty" jsonschema:"the store's dialect, if it cannot be detected"`
	Table    string            `json:"table,omitempty" jsonschema:"the table or view with the events; needs map"`
	Query    string            `json:"query,omitempty" jsonschema:"a SELECT whose rows are the events, by column names"`
	Map      map[string]string `json:"map,omitempty" jsonschema:"the column of each field: stream, version, type, data, time and others"`
	Context  string            `json:"context,omitempty" jsonschema:"the application, if the store holds several"`
	Clock    string            `json:"clock,omitempty" jsonschema:"which time of an event to use: recorded (the default) or valid"`
	Copy     bool              `json:"copy,omitempty" jsonschema:"read a private copy, so that writers never wait"`
	TimeZone string            `json:"time_zone,omitempty" jsonschema:"time zone of stored times without one; default: UTC"`
	KeyFile  string            `json:"key_file,omitempty" jsonschema:"file with the AES key of the payloads"`

	Recorded bool `json:"-"` // show of rows only what was recorded, and nothing of the live rows
}

// Check returns an error for unknown or contradictory fields.
func (r StoreRef) Check() error {
	for field := range r.Map {
		if !slices.Contains(store.MapFields(), field) {
			next := fault.Remedy{For: field, Near: fault.Near(field, store.MapFields(), 1)}
			if len(next.Near) == 0 {
				next.Text = "the fields are " + strings.Join(store.MapFields(), ", ")
			}
			return Usage(next, "map names the field %q", field)
		}
	}
	if r.Clock != "" && r.Clock != store.ClockRecorded && r.Clock != store.ClockValid {
		return Usagef("the clocks are "+store.ClockRecorded+" and "+store.ClockValid, "bad clock %q", r.Clock)
	}
	if r.Query != "" && (r.Table != "" || r.Dialect != "") {
		return Usage(fault.Try("leave one out").Without("table", "dialect"), "both a query and a table or a dialect")
	}
	if r.Table != "" && r.Map == nil {
		return Usage(fault.Try("say what its columns are").With("map", "stream=…,version=…,type=…,data=…"), "a table without a map")
	}
	return nil
}

// A Store is one open snapshot of a store. It answers any number of questions, one at
// a time.
type Store struct {
	// Reader reads the store. It is not embedded, because a Store does not have the
	// optional methods of readers, such as those of [replay.Fingerprinter].
	Reader replay.Reader
	Ref    StoreRef

	at     place.Location
	opened StoreRef

	w *Workspace
}

// Store opens a store: a path that exists, a connection string, or else a name
// from asof.toml.
func (w *Workspace) Store(ctx context.Context, ref StoreRef) (*Store, error) {
	w = w.Begun()
	proj, err := w.Project()
	if err != nil {
		return nil, err
	}
	if err := ref.Check(); err != nil {
		return nil, err
	}
	o := store.Options{
		Dialect: ref.Dialect, Table: ref.Table, Query: ref.Query, Map: ref.Map, Context: ref.Context, Clock: ref.Clock,
		Stdin: w.host.Stdin, Copy: ref.Copy, Recorded: ref.Recorded, Indexes: w.indexes,
	}
	if o.ServerTimeout, err = w.serverTimeout(); err != nil {
		return nil, err
	}
	if o.Getenv = w.host.Getenv; proj != nil {
		o.Metadata = store.Metadata(proj.Metadata)
	}
	at, keyFile, zone := w.locate(ref.Store), ref.KeyFile, ref.TimeZone
	if named := w.namedStore(proj, ref.Store); named != nil {
		at = named.Location
		w.hide(at)
		o.Metadata = store.Metadata(named.Metadata)
		if ref.Dialect == "" && ref.Table == "" && ref.Query == "" && ref.Map == nil {
			o.Dialect, o.Table, o.Query, o.Map = named.Dialect, named.Table, named.Query, named.Map
		}
		o.Context = cmp.Or(ref.Context, named.Context)
		o.Clock = cmp.Or(ref.Clock, named.Clock)
		keyFile, zone = cmp.Or(keyFile, named.KeyFile), cmp.Or(zone, named.TimeZone)
	}
	if zone != "" {
		if o.TimeZone, err = LoadZone(zone); err != nil {
			return nil, Usage(ZoneRemedy(zone), "the time zone of the store %s is unknown: %q", ref.Store, zone)
		}
	}
	w.readsStore(at)
	if o.CipherKey, err = w.cipherKey(ctx, keyFile); err != nil {
		return nil, err
	}
	r, err := store.OpenAt(ctx, at, o)
	if err != nil {
		return nil, w.nearStore(err, proj, ref.Store)
	}
	w.open()
	if w.host.Reader != nil {
		r = w.host.Reader(r)
	}
	if r.Info().ByClock {
		w.Note(replay.NoticeByClock, "versions depend on a clock: an event stored later with an earlier time renumbers those after it")
	}
	opened := ref
	opened.Dialect, opened.Table, opened.Query, opened.Map = o.Dialect, o.Table, o.Query, o.Map
	opened.Context, opened.Clock, opened.KeyFile, opened.TimeZone = o.Context, o.Clock, keyFile, zone
	return &Store{Reader: r, Ref: ref, at: at, opened: opened, w: w}, nil
}

// Through returns the store as another reader shows it, for example one that withholds
// fields. No state of it is kept, and none that was kept is used. Close the store itself.
func (s *Store) Through(r replay.Reader) *Store {
	w, through := *s.w, *s
	w.cache = nil
	through.Reader, through.w = r, &w
	return &through
}

// Noting returns the store for questions whose notices go to note. Close the store itself.
func (s *Store) Noting(note func(replay.Notice)) *Store {
	w, noting := *s.w, *s
	w.note = note
	noting.w = &w
	return &noting
}

// Close closes the store.
func (s *Store) Close() error { return s.Reader.Close() }

// Opened returns the location of the store and how it was opened, including the
// settings from asof.toml.
func (s *Store) Opened() (place.Location, StoreRef) { return s.at, s.opened }

// Info describes the store.
func (s *Store) Info() replay.Info { return s.Reader.Info() }

// Workspace returns the workspace of the question that opened the store.
func (s *Store) Workspace() *Workspace { return s.w }

// Timeline returns the whole store as one timeline.
func (s *Store) Timeline() *replay.Timeline {
	return &replay.Timeline{Name: s.Info().Path, Reader: s.Reader, Many: true}
}

func (w *Workspace) namedStore(proj *project.Project, name string) *project.Store {
	if proj == nil || name == "-" || w.locate(name).IsDSN() {
		return nil
	}
	if _, err := os.Lstat(w.Path(name)); err == nil {
		return nil
	}
	s, err := proj.Store(name)
	if err != nil {
		return nil
	}
	return s
}

// nearStore adds a suggestion to the error of a file that does not exist: a store of
// asof.toml with a similar name.
func (w *Workspace) nearStore(err error, proj *project.Project, name string) error {
	var missing *replay.StoreError
	if !errors.As(err, &missing) || !errors.Is(err, os.ErrNotExist) {
		return err
	}
	var names []string
	if proj != nil {
		for _, s := range proj.Stores {
			names = append(names, s.Name)
		}
	}
	if near := fault.Near(name, names, 1); len(near) > 0 && near[0] != name {
		missing.Next = fault.Remedy{Near: near, For: name, Text: "it is a store of " + proj.Path}
	}
	if missing.Next.IsZero() {
		missing.Next = fault.Try("name an existing file, or write one to try").By("demo")
	}
	return err
}

// serverTimeout returns how long a server may stay silent; 0 is the default.
func (w *Workspace) serverTimeout() (time.Duration, error) {
	text := w.host.Getenv("ASOF_SERVER_TIMEOUT")
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, Usagef("write a duration such as 30m", "bad ASOF_SERVER_TIMEOUT %q", text)
	}
	return d, nil
}

// maxKey bounds a key file, in bytes.
const maxKey = 64 << 10

// cipherKey reads the AES key of the payloads from a file, or from CIPHER_KEY, which
// Python's eventsourcing also uses.
func (w *Workspace) cipherKey(ctx context.Context, file string) ([]byte, error) {
	text, from := []byte(w.host.Getenv("CIPHER_KEY")), "CIPHER_KEY"
	if file != "" {
		b, err := w.ReadFile(ctx, file, "a key", maxKey)
		if err != nil {
			return nil, err
		}
		text, from = b, file
	}
	if len(text) == 0 {
		return nil, nil
	}
	if key, ok := decodeKey(text); ok {
		return key, nil
	}
	return nil, Usagef("write 16, 24 or 32 bytes as base64 or hex", "the key in %s is not an AES key", from)
}

func decodeKey(text []byte) ([]byte, bool) {
	size := func(b []byte) bool { return slices.Contains([]int{16, 24, 32}, len(b)) }
	trimmed := string(bytes.TrimSpace(text))
	if b, err := base64.StdEncoding.DecodeString(trimmed); err == nil && size(b) {
		return b, true
	}
	if b, err := hex.DecodeString(trimmed); err == nil && size(b) {
		return b, true
	}
	return text, size(text)
}
