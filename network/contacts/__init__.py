"""How a guest can be reached, if the guest wants so: sealed under the guest's own key, with a yes per purpose."""
