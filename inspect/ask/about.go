package ask

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"runtime"
	"slices"

	"asof/inspect/audit"
	"asof/replay"
	"asof/replay/fold"
	"asof/replay/place"
	"asof/replay/workspace"
)

// about describes the source of an export. It must be the same for two runs on the same
// input.
func (q Excerpt) about(ab *audit.About, s *workspace.Store) (err error) {
	w := s.Workspace()
	if ab.Date, err = workspace.ParseTime("date", q.Date, w.Env()); err != nil {
		return err
	}
	ab.Store, ab.Zone = q.Store, w.Env().Zone.String()
	ab.Versions = [][2]string{{"asof", w.Release()}, {"go", runtime.Version()}}
	ab.Command = slices.Clone(q.Command)
	if !place.IsDSN(ab.Store) {
		return fingerprint(ab, s.Info().Path)
	}
	ab.Store = s.Info().Path // without secrets
	if len(ab.Command) > 3 {
		ab.Command[3] = ab.Store
	}
	return nil
}

// fingerprint is the SHA-256 of the store's file, or empty if the store is not a file.
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
	defer f.Close() //nolint:errcheck // only read
	h := sha256.New()
	if ab.Bytes, err = io.Copy(h, f); err != nil {
		return err
	}
	ab.SHA256 = hex.EncodeToString(h.Sum(nil))
	return nil
}

// projections returns how a stream is folded, and where that is defined.
func projections(ctx context.Context, w *workspace.Workspace, folds replay.FoldFor, how workspace.Folding) func(replay.StreamID, string) (audit.Projection, error) {
	return func(id replay.StreamID, category string) (audit.Projection, error) {
		f, err := folds(id, category)
		if err != nil {
			return audit.Projection{}, err
		}
		p := audit.Projection{Fold: f, Name: f.Reducer.Name()}
		if p.SHA256, err = foldHash(ctx, w, id, category, how); err != nil {
			return p, err
		}
		p.For, err = madeForOthers(w, id, category, how)
		return p, err
	}
}

// madeForOthers returns the streams the named projection is meant for, if this stream
// is not one of them.
func madeForOthers(w *workspace.Workspace, id replay.StreamID, category string, how workspace.Folding) (string, error) {
	if how.Fold != "" || how.Projection == "" {
		return "", nil
	}
	proj, err := w.Project()
	if err != nil || proj == nil {
		return "", err
	}
	p, err := proj.Projection(how.Projection)
	if err != nil || !p.HasSelector() || p.Matches(id, category) {
		return "", err
	}
	return p.For(), nil
}

// foldHash is the SHA-256 of a fold's source; empty if it has none.
func foldHash(ctx context.Context, w *workspace.Workspace, id replay.StreamID, category string, how workspace.Folding) (string, error) {
	if how.Fold != "" {
		return sourceHash(ctx, w, how.Fold)
	}
	proj, err := w.Project()
	if err != nil || proj == nil {
		return "", err
	}
	if how.Projection != "" {
		p, err := proj.Projection(how.Projection)
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

func sourceHash(ctx context.Context, w *workspace.Workspace, text string) (string, error) {
	switch source := fold.ParseSource(text); source.Kind {
	case fold.KindMerge:
		return "", nil
	case fold.KindFile:
		src, err := w.ReadScript(ctx, source.Text)
		if err != nil {
			return "", err
		}
		text = src
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:]), nil
}
