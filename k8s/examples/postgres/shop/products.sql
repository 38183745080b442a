create table products (id bigint primary key, name text not null, price_cents int not null);
insert into products select id, 'Product ' || id, 100 + id % 10000 from generate_series(1, 100000) id;
