package store

import (
	"compress/gzip"
	"errors"
	"io"
)

// A gunzipper reads all members of a gzip, and passes over the zeros that tapes,
// block devices and object stores pad one with.
type gunzipper struct {
	in      io.ByteScanner // that z reads from
	z       *gzip.Reader
	started bool
}

func (g *gunzipper) Read(p []byte) (int, error) {
	for {
		if !g.started {
			g.z.Multistream(false)
			g.started = true
		}
		n, err := g.z.Read(p)
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

// next goes to the next member; io.EOF says that there is none.
func (g *gunzipper) next() error {
	c, err := g.in.ReadByte()
	padded := false
	for ; err == nil && c == 0; c, err = g.in.ReadByte() {
		padded = true
	}
	if err != nil {
		return err
	}
	if padded {
		return errors.New("after the end of the compressed data and zeros, something follows that is neither")
	}
	if err := g.in.UnreadByte(); err != nil {
		return err
	}
	if err := g.z.Reset(g.in.(io.Reader)); err != nil {
		return errors.New("after the end of the compressed data, something follows that is none")
	}
	g.started = false
	return nil
}
