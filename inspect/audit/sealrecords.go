package audit

import (
	"errors"
	"os"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"
)

// A logError reports a damaged part of the log.
type logError struct {
	kind  Kind
	entry string
	err   error
}

func (e *logError) Error() string { return e.entry + ": " + e.err.Error() }

// A recordReader reads the records of the log with their hashes.
type recordReader struct {
	log     *sealLog
	n, size int64
	tile    int64
	hashes  []byte
	data    []byte
}

func (l *sealLog) records(size int64) *recordReader {
	return &recordReader{log: l, size: size, tile: -1}
}

func (r *recordReader) next() (*Record, tlog.Hash, int64, error) {
	var h tlog.Hash
	if r.n == r.size {
		return nil, h, r.n, nil
	}
	if t := r.n >> tileHeight; t != r.tile {
		if err := r.load(t); err != nil {
			return nil, h, r.n, err
		}
	}
	entry := "leaf " + strconv.FormatInt(r.n, 10)
	id, text, rest, err := tlog.ParseRecord(r.data)
	if err != nil || id != r.n {
		return nil, h, r.n, &logError{Unreadable, entry, errors.New("its data tile cannot be read")}
	}
	rec, err := ParseRecord(text)
	if err != nil {
		return nil, h, r.n, &logError{Unreadable, entry, err}
	}
	copy(h[:], r.hashes[(r.n&(1<<tileHeight-1))*tlog.HashSize:])
	if leafHash(text) != h {
		return nil, h, r.n, &logError{Manipulated, entry, errors.New("its record does not match its hash")}
	}
	r.data = rest
	r.n++
	return rec, h, r.n - 1, nil
}

func (r *recordReader) load(t int64) error {
	w := min(r.size-t<<tileHeight, 1<<tileHeight)
	tile := tlog.Tile{H: tileHeight, L: 0, N: t, W: int(w)}
	var err error
	if r.hashes, err = r.log.read(tile); err == nil && len(r.hashes) != int(w)*tlog.HashSize {
		err = errors.New("it does not have the size of a tile")
	}
	if err == nil {
		tile.L = -1
		r.data, err = r.log.read(tile)
	}
	r.tile = t
	switch {
	case errors.Is(err, os.ErrNotExist):
		return &logError{Missing, tile.Path(), err}
	case err != nil:
		return &logError{Unreadable, tile.Path(), err}
	}
	return nil
}
