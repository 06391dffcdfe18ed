package cell

import (
	"compress/gzip"
	"errors"
	"io"
)

// A Gunzipper reads all members of a gzip file. It skips the zero padding that tapes,
// block devices and object stores add.
type Gunzipper struct {
	In      io.ByteScanner // the input of Z
	Z       *gzip.Reader
	started bool
}

func (g *Gunzipper) Read(p []byte) (int, error) {
	for {
		if !g.started {
			g.Z.Multistream(false)
			g.started = true
		}
		n, err := g.Z.Read(p)
		if n > 0 || !errors.Is(err, io.EOF) {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return n, err
		}
		if err := g.next(); err != nil {
			return 0, err
		}
	}
}

// next moves to the next member, or returns io.EOF. Sealed events contain the texts
// of its errors, as the reason for an opaque payload, so they must not change.
func (g *Gunzipper) next() error {
	c, err := g.In.ReadByte()
	padded := false
	for ; err == nil && c == 0; c, err = g.In.ReadByte() {
		padded = true
	}
	if err != nil {
		return err
	}
	if padded {
		return errors.New("unknown data after the compressed data and zeros")
	}
	if err := g.In.UnreadByte(); err != nil {
		return err
	}
	if err := g.Z.Reset(g.In.(io.Reader)); err != nil {
		return errors.New("unknown data after the compressed data")
	}
	g.started = false
	return nil
}
