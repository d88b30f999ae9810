"""The callables of the CRM: events out of chats, and questions about clients."""
