package cmd

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"runtime"

	"asof/inspect/audit"
	"asof/replay"
	"asof/replay/fold"
)

// about says where the export comes from: nothing in it may differ between two
// runs on the same input.
func (a *app) about(x *audit.Export, name string, o auditExportOptions) error {
	ab := &x.About
	ab.Store, ab.Zone = name, a.zone.String()
	ab.Versions = [][2]string{{"asof", version()}, {"go", runtime.Version()}}
	ab.Command = []string{"asof", "audit", "export", name}
	add := func(flag string, values ...string) {
		for _, v := range values {
			if v != "" {
				ab.Command = append(ab.Command, flag, v)
			}
		}
	}
	add("--stream", o.streams...)
	add("--category", o.categories...)
	add("--from", o.from)
	add("--to", o.to)
	add("--states", o.states)
	add("--redact", o.redact...)
	add("--basis", o.basis)
	add("--by", o.by)
	add("--fold", o.folds...)
	add("--projection", o.Projection)
	add("--array-key", o.ArrayKeys...)
	add("--date", o.date)
	if isDSN(ab.Store) {
		ab.Store = x.Reader.Info().Path // without secrets
		ab.Command[3] = ab.Store
		return nil
	}
	return fingerprint(ab, x.Reader.Info().Path)
}

// fingerprint is the SHA-256 of the store's file, where it is one.
func fingerprint(ab *audit.About, path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
		return nil
	}
	if err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	if ab.Bytes, err = io.Copy(h, f); err != nil {
		return err
	}
	ab.SHA256 = hex.EncodeToString(h.Sum(nil))
	return nil
}

// recount opens the store anew and counts it.
func (a *app) recount(ctx context.Context, name string, f storeFlags) (audit.Counted, error) {
	r, err := a.open(name, f)
	if err != nil {
		return audit.Counted{}, err
	}
	defer r.Close()
	return audit.Highest(ctx, r.Reader)
}

// projections say how a stream is folded and what says so.
func (a *app) projections(forStream replay.FoldFor, flags foldFlags) func(replay.StreamID, string) (audit.Projection, error) {
	return func(id replay.StreamID, category string) (audit.Projection, error) {
		f, err := forStream(id, category)
		if err != nil {
			return audit.Projection{}, err
		}
		p := audit.Projection{Fold: f, Name: f.Reducer.Name()}
		p.SHA256, err = a.foldHash(id, category, flags)
		return p, err
	}
}

// foldHash is the SHA-256 of what folds a stream; empty where that has no source.
func (a *app) foldHash(id replay.StreamID, category string, f foldFlags) (string, error) {
	if len(f.folds) > 0 {
		return sourceHash(a, f.folds[0])
	}
	proj, err := a.project()
	if err != nil || proj == nil {
		return "", err
	}
	if f.Projection != "" {
		p, err := proj.Projection(f.Projection)
		if err != nil {
			return "", err
		}
		return p.Hash()
	}
	if p, ok := proj.ProjectionFor(id, category); ok {
		return p.Hash()
	}
	return "", nil
}

func sourceHash(a *app, text string) (string, error) {
	switch source := fold.ParseSource(text); source.Kind {
	case fold.KindMerge:
		return "", nil
	case fold.KindFile:
		src, err := a.readSource(source.Text)
		if err != nil {
			return "", err
		}
		text = src
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:]), nil
}
