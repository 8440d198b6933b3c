package jsonwire_test

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// garbage has bytes that would change a result if they were looked at: the end of a
// string, a digit, an exponent, white space, a line end, a byte that is not ASCII.
const garbage = "\"0e \n\xff\\u,]}"

// places returns copies of text: with nothing after it, and with each byte of garbage
// around it, within the capacity and beyond it.
func places(text []byte) [][]byte { return placesIn(text, garbage) }

// few returns as many copies as a test can have of a great many texts. The garbage is
// another one for each length.
func few(text []byte) [][]byte {
	k := len(text) % len(garbage)
	return placesIn(text, garbage[k:k+1])
}

func placesIn(text []byte, garbage string) [][]byte {
	list := [][]byte{append(make([]byte, 0, len(text)), text...)[:len(text):len(text)]}
	list = append(list, guarded(text)...)
	const around = 16
	for _, g := range []byte(garbage) {
		all := bytes.Repeat([]byte{g}, around+len(text)+around)
		copy(all[around:], text)
		list = append(list, all[around:around+len(text)], all[around:around+len(text):around+len(text)])
	}
	return list
}

// eachByte calls f with filler of each length up to most, in which each place in turn has
// each of the bytes.
func eachByte(most int, filler byte, bytesAt []byte, f func(text []byte, at int)) {
	for length := range most + 1 {
		f(bytes.Repeat([]byte{filler}, length), length)
		for at := range length {
			for _, c := range bytesAt {
				text := bytes.Repeat([]byte{filler}, length)
				text[at] = c
				f(text, at)
			}
		}
	}
}

func allBytes() []byte {
	list := make([]byte, 256)
	for c := range list {
		list[c] = byte(c)
	}
	return list
}

// eachText calls f with each text of up to most pieces. f must not keep the text.
func eachText(most int, pieces []string, f func(text []byte)) {
	var extend func(text []byte, left int)
	extend = func(text []byte, left int) {
		f(text)
		if left > 0 {
			for _, p := range pieces {
				extend(append(text[:len(text):len(text)], p...), left-1)
			}
		}
	}
	extend(nil, most)
}

// randomTexts calls f with texts of random pieces, as many as -short lets.
func randomTexts(n int, pieces []string, most int, f func(text []byte)) {
	if testing.Short() {
		n /= 10
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range n {
		var text []byte
		for range r.IntN(most + 1) {
			text = append(text, pieces[r.IntN(len(pieces))]...)
		}
		f(text)
	}
}
