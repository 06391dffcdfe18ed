package audit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/mod/sumdb/note"

	"asof/replay/state"
)

// maxManifest is the maximum size of a manifest in bytes.
const maxManifest = 1 << 20

// files checks the manifest, its signature, and every file against the manifest.
func (v *verification) files(ctx context.Context) error {
	if err := v.present(); err != nil {
		return err
	}
	manifest, files := v.manifest()
	if manifest == nil {
		return nil
	}
	v.listed = files
	if v.key != nil {
		v.signature(manifest)
	}
	for _, name := range listed {
		want, ok := files[name]
		switch {
		case !ok && v.names[name]:
			v.find(Manipulated, fileManifest, name, "it does not list this file")
		case !ok && !optional[name]:
			v.find(Missing, fileManifest, name, "it does not list this file")
		case ok && !v.names[name]:
			v.find(Missing, name, "", "the manifest lists it")
		case ok:
			if err := v.sum(ctx, name, want); err != nil {
				return err
			}
		}
	}
	return nil
}

// present finds the existing files. It reports missing and unexpected ones.
func (v *verification) present() error {
	known := append([]string{fileManifest, fileSignature}, listed...)
	err := filepath.WalkDir(v.dir, func(path string, d fs.DirEntry, err error) error {
		rel, rerr := filepath.Rel(v.dir, path)
		name := filepath.ToSlash(rel)
		switch {
		case rerr != nil || name == ".":
			return err
		case err != nil:
			v.find(Unreadable, name, "", "%v", bareError(err))
			return nil
		case d.IsDir() && name == "states":
			return nil
		case !slices.Contains(known, name):
			v.find(Manipulated, name, "", "it is not part of an audit export")
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !d.Type().IsRegular():
			v.find(Unreadable, name, "", "it is not a regular file")
			return nil
		}
		v.names[name] = true
		return nil
	})
	for _, name := range known {
		if !v.names[name] && !optional[name] && !v.found(name) {
			v.find(Missing, name, "", "every export has this file")
		}
	}
	v.redacted = v.names[fileRedactions]
	return bareError(err)
}

// found reports whether there is a finding about a whole file.
func (v *verification) found(name string) bool {
	return slices.ContainsFunc(v.Findings, func(f Finding) bool { return f.File == name && f.Entry == "" })
}

// manifest reads the manifest. If no key was given, it uses the key in the manifest.
func (v *verification) manifest() (text []byte, files map[string]fileSum) {
	if !v.names[fileManifest] {
		return nil, nil
	}
	text, err := readSmall(v.path(fileManifest), maxManifest)
	var m state.Value
	if err == nil {
		m, err = parseSmall(text)
	}
	if err != nil {
		v.find(Unreadable, fileManifest, "", "%v", err)
		return nil, nil
	}
	if f, _ := textAt(m, "format"); f != Format {
		v.find(Unreadable, fileManifest, "", "its format is %q, but this asof reads %q", shorten(f), Format)
	}
	own, _ := textAt(m, "verifier_key")
	if v.key != nil && !sameKey(own, v.key) {
		v.find(Manipulated, fileManifest, "verifier_key", "it is not the given key")
	}
	if v.key == nil {
		if v.key, err = note.NewVerifier(own); err != nil {
			v.find(Unreadable, fileManifest, "verifier_key", "it is not a verifier key")
			v.key = nil
		}
	}
	files = map[string]fileSum{}
	for _, f := range elems(get(m, "files")) {
		name, ok1 := textAt(f, "path")
		size, ok2 := intAt(f, "bytes")
		sum, ok3 := textAt(f, "sha256")
		raw, err := hex.DecodeString(sum)
		if !ok1 || !ok2 || !ok3 || err != nil || len(raw) != sha256.Size {
			v.find(Unreadable, fileManifest, name, "the size or sum of this file cannot be read")
			continue
		}
		if _, twice := files[name]; twice || !slices.Contains(listed, name) {
			v.find(Manipulated, fileManifest, name, "an export has no such file, or has it only once")
			continue
		}
		files[name] = fileSum{name, size, [sha256.Size]byte(raw)}
	}
	return text, files
}

// signature checks the signature of the manifest.
func (v *verification) signature(manifest []byte) {
	if !v.names[fileSignature] {
		return
	}
	sig, err := readSmall(v.path(fileSignature), 1<<10)
	if err != nil {
		v.find(Unreadable, fileSignature, "", "%v", err)
		return
	}
	if v.key.Verify(manifest, sig) {
		return
	}
	// Signed by another key, it may be a sound manifest of another log.
	if m, err := state.Parse(manifest); err == nil {
		own, _ := textAt(m, "verifier_key")
		if k, err := note.NewVerifier(own); err == nil && k.KeyHash() != v.key.KeyHash() && k.Verify(manifest, sig) {
			v.find(WrongKey, fileSignature, "", "it was signed by %s, not by the given key", shorten(own))
			return
		}
	}
	v.find(Manipulated, fileManifest, "", "the signature in %s does not match it: one of the two was changed", fileSignature)
}

// sum compares a file with its size and hash in the manifest.
func (v *verification) sum(ctx context.Context, name string, want fileSum) error {
	f, err := openRegular(v.path(name))
	if err != nil {
		v.find(Unreadable, name, "", "%v", err)
		return nil
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, &ctxReader{ctx, f})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	switch {
	case err != nil:
		v.find(Unreadable, name, "", "%v", bareError(err))
	case n != want.bytes:
		v.find(Manipulated, name, "", "it has %d bytes, but the manifest says %d", n, want.bytes)
	case !slices.Equal(h.Sum(nil), want.sum[:]):
		v.find(Manipulated, name, "", "its SHA-256 differs from the one in the manifest")
	}
	return nil
}

// A ctxReader is a reader that fails when its context is done.
type ctxReader struct {
	ctx context.Context
	r   *os.File
}

func (r *ctxReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// open opens a file of lines. It returns nil if the bundle does not have it.
func (v *verification) open(name string) *lineReader {
	if !v.names[name] {
		return nil
	}
	most, ok := lineLimits[name]
	if !ok {
		most = maxLine
	}
	r, err := openLines(v.path(name), most)
	if err != nil {
		v.find(Unreadable, name, "", "%v", err)
		return nil
	}
	return r
}

// atEnd reports whether reading a file of lines is over. An error other than io.EOF
// becomes a finding.
func (v *verification) atEnd(name string, r *lineReader, err error) bool {
	var bad *lineError
	switch {
	case err == nil:
		return false
	case errors.As(err, &bad):
		v.find(Unreadable, name, lineEntry(r), "%v", err)
		return false
	case errors.Is(err, io.EOF):
		return true
	}
	v.find(Unreadable, name, lineEntry(r), "%v", err)
	return true
}

func lineEntry(r *lineReader) string { return "line " + integer(int64(r.number)).Text() }
