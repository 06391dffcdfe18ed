package cmd

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/fold"
	"asof/replay/place"
	"asof/replay/store"
)

// storeFlags say how to open a store, where asof can't tell by itself.
type storeFlags struct {
	dialect string
	table   string
	columns map[string]string
	keyFile string
	context string
	clock   string
	copy    bool
	zone    string
}

func (f *storeFlags) add(a *app, c *cobra.Command) {
	a.completes(c, f)
	fl := c.Flags()
	fl.StringVar(&f.dialect, "dialect", "", "the store's dialect, when it can't be told")
	fl.StringVar(&f.table, "table", "", "the table or view that holds the events, with --map")
	fl.StringToStringVar(&f.columns, "map", nil, "what the columns are: stream=…,version=…,type=…,data=…,time=…[:UNIT]")
	fl.StringVar(&f.context, "context", "", "the application, where one store holds several")
	fl.StringVar(&f.clock, "clock", "", "which of two times an event has: recorded or valid (default: recorded)")
	fl.BoolVar(&f.copy, "copy", false, "read a private copy, so that no writer has to wait while it is read")
	fl.StringVar(&f.zone, "time-zone", "", "zone of the store's times that have none (default: UTC)")
	fl.StringVar(&f.keyFile, "key-file", "", "file with the AES key of the payloads (default: CIPHER_KEY)")
}

// check refuses fields that no event has.
func (f *storeFlags) check() error {
	for field := range f.columns {
		if !slices.Contains(store.MapFields(), field) {
			next := "the fields are " + strings.Join(store.MapFields(), ", ")
			if near := fault.Near(field, store.MapFields(), 1); len(near) > 0 {
				next = "did you mean " + near[0] + "?"
			}
			return usagef(next, "--map names the field %q", field)
		}
	}
	if f.clock != "" && f.clock != store.ClockRecorded && f.clock != store.ClockValid {
		return usagef("the clocks are "+store.ClockRecorded+" and "+store.ClockValid, "--clock %q", f.clock)
	}
	if f.table != "" && f.columns == nil {
		return usagef("say what its columns are: --map stream=…,version=…,type=…,data=…", "--table without --map")
	}
	return nil
}

// path resolves a path that the user named against the current folder.
func (a *app) path(p string) string {
	if p == "-" || filepath.IsAbs(p) || isDSN(p) || a.Dir == "" {
		return p // as it was named
	}
	return filepath.Join(a.Dir, p)
}

func isDSN(s string) bool { return place.IsDSN(s) }

// open opens the store that the command line names: a path that exists, a
// connection string, or else a name from asof.toml.
func (a *app) open(name string, f storeFlags) (replay.Reader, error) {
	proj, err := a.project()
	if err != nil {
		return nil, err
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	o := store.Options{Dialect: f.dialect, Table: f.table, Map: f.columns, Context: f.context, Clock: f.clock, Stdin: a.In, Copy: f.copy}
	if o.ServerTimeout, err = a.serverTimeout(); err != nil {
		return nil, err
	}
	if proj != nil {
		o.Metadata = store.Metadata(proj.Metadata)
	}
	at, keyFile, zone := a.locate(name), f.keyFile, f.zone
	if named := a.namedStore(proj, name); named != nil {
		at = named.Location
		a.hide(at)
		o.Metadata = store.Metadata(named.Metadata)
		if f.dialect == "" && f.table == "" && f.columns == nil {
			o.Dialect, o.Table, o.Map = named.Dialect, named.Table, named.Map
		}
		o.Context = cmp.Or(f.context, named.Context)
		o.Clock = cmp.Or(f.clock, named.Clock)
		keyFile, zone = cmp.Or(keyFile, named.KeyFile), cmp.Or(zone, named.TimeZone)
	}
	if zone != "" {
		if o.TimeZone, err = loadZone(zone); err != nil {
			return nil, usagef(zoneHint, "the time zone of the store %s is unknown: %q", name, zone)
		}
	}
	a.readsStore(at)
	if o.CipherKey, err = a.cipherKey(keyFile); err != nil {
		return nil, err
	}
	r, err := store.OpenAt(a.ctx, at, o)
	return r, a.nearStore(err, proj, name)
}

func (a *app) namedStore(proj *fold.Project, name string) *fold.Store {
	if proj == nil || name == "-" || isDSN(name) {
		return nil
	}
	if _, err := os.Lstat(a.path(name)); err == nil {
		return nil
	}
	s, err := proj.Store(name)
	if err != nil {
		return nil
	}
	return s
}

// nearStore suggests a store of asof.toml where there is no such file.
func (a *app) nearStore(err error, proj *fold.Project, name string) error {
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
		missing.Next = "did you mean " + near[0] + ", a store of " + proj.Path + "?"
	}
	if missing.Next == "" {
		missing.Next = "name a file that is there; asof demo writes one to try"
	}
	return err
}

// cipherKey reads the AES key of the payloads: of a file, or of CIPHER_KEY, the
// variable that Python's eventsourcing reads.
func (a *app) cipherKey(file string) ([]byte, error) {
	text, from := []byte(a.Env("CIPHER_KEY")), "CIPHER_KEY"
	if file != "" {
		b, err := a.small(file, "a key", maxKey)
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
	return nil, usagef("write 16, 24 or 32 bytes as base64 or hex", "the key in %s is no AES key", from)
}

// serverTimeout is how long a PostgreSQL server may say nothing; 0 is the default.
func (a *app) serverTimeout() (time.Duration, error) {
	text := a.Env("ASOF_SERVER_TIMEOUT")
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, usagef("write a duration such as 30m", "bad ASOF_SERVER_TIMEOUT %q", text)
	}
	return d, nil
}

// maxKey bounds a file with a key, in bytes.
const maxKey = 64 << 10

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
