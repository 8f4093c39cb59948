//! NEXT Desktop without a screen: the product as a library. The binaries are doors to it.
