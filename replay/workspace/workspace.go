package workspace

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"asof/replay"
	"asof/replay/files"
	"asof/replay/fold/js"
	"asof/replay/place"
	"asof/replay/snapshot"
	"asof/replay/store"
)

// A Workspace opens stores and resolves names in them. It is safe for concurrent use.
type Workspace struct {
	*common
	note     func(replay.Notice)
	question *question // nil: no question has begun, and each use loads the project
	cache    *snapshot.Cache
	scripts  js.Limits
	work     func(what string, total int64) Meter
}

// common is the state that all questions of a workspace share.
type common struct {
	host    Host
	options Options
	cache   *snapshot.Cache // nil: nothing is kept
	indexes *store.Indexes  // nil: none are kept

	hidden hidden // of the latest questions
}

// New returns a workspace. It opens nothing yet.
func New(h Host, o Options) *Workspace {
	if h.Getenv == nil {
		h.Getenv = func(string) string { return "" }
	}
	if h.Now == nil {
		h.Now = time.Now
	}
	if h.Zone == nil {
		h.Zone = LocalZone()
	}
	if h.Note == nil {
		h.Note = func(replay.Notice) {}
	}
	c := &common{host: h, options: o}
	if o.KeepIndexes {
		c.indexes = &store.Indexes{}
	}
	if dir := c.cacheDir(); dir != "" {
		c.cache = snapshot.New(dir, snapshot.Options{Release: o.Release})
	}
	w := &Workspace{common: c, scripts: h.Scripts, work: h.Work}
	w.noteTo(h.Note)
	return w
}

// Begin returns the workspace for one question. The question's notices go to note,
// or to the host if note is nil, and the project file is read once for it.
func (w *Workspace) Begin(note func(replay.Notice)) *Workspace {
	q := &Workspace{common: w.common, question: &question{}, scripts: w.scripts, work: w.work}
	if note == nil {
		note = w.note
	}
	q.noteTo(note)
	return q
}

func (w *Workspace) noteTo(note func(replay.Notice)) {
	w.note = note
	if c := w.common.cache; c != nil {
		w.cache = c.Warning(func(text string) { w.Note("cache", text) })
	}
}

// Close closes the cache and trims it to its size limit. Open stores stay open.
func (w *Workspace) Close() {
	if c := w.cache; c != nil {
		if err := c.Close(); err != nil {
			w.Note("cache", fmt.Sprintf("the cache could not be trimmed to its size limit: %v", err))
		}
	}
}

// Note sends a notice about the answer.
func (w *Workspace) Note(code replay.NoticeCode, text string) {
	w.note(replay.Notice{Code: code, Text: text})
}

// Notices sends several notices.
func (w *Workspace) Notices(all []replay.Notice) {
	for _, n := range all {
		w.note(n)
	}
}

// Env returns the clock and zone that written times are relative to.
func (w *Workspace) Env() replay.Env { return replay.Env{Now: w.host.Now(), Zone: w.host.Zone} }

// Path resolves a path that the user named against the host's folder.
func (c *common) Path(name string) string {
	if name == "-" || filepath.IsAbs(name) || place.IsDSN(name) || c.host.Dir == "" {
		return name
	}
	return filepath.Join(c.host.Dir, name)
}

// ReadFile reads a small file that the user named, and records it as an input. What says
// what it is for, with its article, as errors do: "a script", "the note".
func (w *Workspace) ReadFile(ctx context.Context, name, what string, limit int64) ([]byte, error) {
	path := w.Path(name)
	w.reads(path, what)
	text, err := files.Small(ctx, path, limit)
	if e, ok := errors.AsType[*files.Error](err); ok {
		_, e.What, _ = strings.Cut(what, " ")
	}
	return text, err
}

// ScriptLimits returns the limits of the question's scripts.
func (w *Workspace) ScriptLimits() js.Limits { return w.scripts }

// Location returns the location of a database that is no store. Messages do not show its
// secrets.
func (w *Workspace) Location(name string) place.Location { return w.locate(name) }

// locate returns the location that a name means.
func (w *Workspace) locate(name string) place.Location {
	if w.host.Locate != nil {
		if at, ok := w.host.Locate(name); ok {
			w.hide(at)
			return at
		}
	}
	at := place.Parse(w.Path(name))
	w.hide(at)
	return at
}

// cacheDir returns the folder of the kept states, or "" if none are kept.
func (c *common) cacheDir() string {
	if c.options.NoCache {
		return ""
	}
	if c.options.CacheDir == "" {
		return userCache(c.host.Getenv)
	}
	return c.Path(c.options.CacheDir)
}
