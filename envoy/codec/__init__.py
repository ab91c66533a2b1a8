"""The codecs: XML documents to typed objects and back."""
