"""What people may do with products and prices."""

from warehouse.oltp.sales_catalogue import PriceBook, PriceBookEntry, Product
from warehouse.operations.register import keep

PLAN = "sales:plan"

products = keep(Product, room="sales", noun="product", permission=PLAN)
price_books = keep(PriceBook, room="sales", noun="price book", permission=PLAN)
price_book_entries = keep(
    PriceBookEntry, room="sales", noun="price", permission=PLAN, parent="price_book_id", fixed=("product_id",)
)
